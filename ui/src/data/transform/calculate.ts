/** A new column calculated from others. */
import { type JsonObject, bool, filled, isObject, num, obj, str, strs } from "../../lib/json";
import { toNumber } from "../display";
import { reduceField, reducerName } from "../reduce";
import type { Field, Frame } from "../types";
import { joinByField } from "./join";
import { nameOf } from "./names";

export function calculateField(frames: Frame[], options: JsonObject): Frame[] {
  // Series are calculated with each other once they stand side by side.
  const isSeries = frames.length > 1 && frames.every(({ kind }) => kind === "series");
  const joined = isSeries ? joinByField(frames, { byField: "Time" }) : frames;
  return joined.map((frame) => {
    const made = calculated(frame, options);
    if (!made) return frame;
    const kept = bool(options.replaceFields)
      ? frame.fields.filter(({ type }) => type === "time")
      : frame.fields;
    return { ...frame, fields: [...kept, ...made] };
  });
}

function calculated(frame: Frame, options: JsonObject): Field[] | undefined {
  const alias = filled(options.alias);
  const column = (name: string, at: (row: number) => number): Field => ({
    name: alias ?? name,
    type: "number",
    values: Float64Array.from({ length: frame.length }, (_, row) => at(row)),
  });
  switch (str(options.mode, "reduceRow")) {
    case "reduceRow": {
      const { reducer, include } = obj(options.reduce);
      const id = str(reducer, "sum");
      const fields = chosen(frame, strs(include));
      return [
        column(reducerName(id), (row) =>
          toNumber(reduceField({ values: fields.map(({ values }) => values[row]) }, id)),
        ),
      ];
    }
    case "binary": {
      const binary = obj(options.binary);
      const operator = str(binary.operator, "+");
      const [left, right] = [operand(frame, binary.left), operand(frame, binary.right)];
      if (!left || !right) return undefined;
      const name = `${left.name} ${operator} ${right.name}`;
      return [column(name, (row) => compute(left.at(row), operator, right.at(row)))];
    }
    case "unary": {
      const unary = obj(options.unary);
      const field = frame.fields.find((one) => nameOf(one) === unary.fieldName);
      const operator = str(unary.operator, "abs");
      if (!field) return undefined;
      const name = `${operator}(${nameOf(field)})`;
      return [column(name, (row) => unaryOf(operator, toNumber(field.values[row])))];
    }
    case "index": {
      const share = bool(obj(options.index).asPercentile);
      return [column("Row", (row) => (share ? (row + 1) / frame.length : row))];
    }
    case "cumulativeFunctions": {
      const cumulative = obj(options.cumulative);
      const field = frame.fields.find((one) => nameOf(one) === cumulative.field);
      if (!field) return undefined;
      let sum = 0;
      const isMean = cumulative.reducer === "mean";
      return [
        column(`cumulative ${nameOf(field)}`, (row) => {
          sum += toNumber(field.values[row]) || 0;
          return isMean ? sum / (row + 1) : sum;
        }),
      ];
    }
    case "windowFunctions":
      return windowed(frame, obj(options.window), column);
    default:
      return undefined;
  }
}

function windowed(
  frame: Frame,
  options: JsonObject,
  column: (name: string, at: (row: number) => number) => Field,
): Field[] | undefined {
  const field = frame.fields.find((one) => nameOf(one) === options.field);
  if (!field) return undefined;
  const size = num(options.windowSize, 0.1);
  const isShare = options.windowSizeMode !== "fixed";
  const width = Math.max(1, Math.round(isShare ? size * frame.length : size));
  const isCentered = options.windowAlignment === "centered";
  return [
    column(`window ${nameOf(field)}`, (row) => {
      const start = isCentered ? row - Math.floor(width / 2) : row - width + 1;
      const values = Array.from(field.values).slice(Math.max(0, start), Math.max(0, start) + width);
      return toNumber(reduceField({ values }, str(options.reducer, "mean")));
    }),
  ];
}

function chosen(frame: Frame, names: readonly string[]): Field[] {
  return frame.fields.filter(
    (field) => field.type === "number" && (names.length === 0 || names.includes(nameOf(field))),
  );
}

/** A number, a column by its name, or a matcher for one. */
function operand(frame: Frame, value: unknown) {
  const fixedValue = isObject(value) ? value.fixed : value;
  const wanted = str(obj(obj(value).matcher).options) ?? str(fixedValue);
  const field = frame.fields.find((one) => nameOf(one) === wanted && one.type === "number");
  if (field) return { name: nameOf(field), at: (row: number) => toNumber(field.values[row]) };
  const fixed = num(fixedValue);
  return fixed === undefined ? undefined : { name: String(fixed), at: () => fixed };
}

function compute(left: number, operator: string, right: number): number {
  switch (operator) {
    case "-":
      return left - right;
    case "*":
      return left * right;
    case "/":
      return left / right;
    case "%":
      return left % right;
    case "**":
    case "^":
      return left ** right;
    case "==":
      return Number(left === right);
    case "!=":
      return Number(left !== right);
    case ">":
      return Number(left > right);
    case ">=":
      return Number(left >= right);
    case "<":
      return Number(left < right);
    case "<=":
      return Number(left <= right);
    default:
      return left + right;
  }
}

function unaryOf(operator: string, value: number): number {
  switch (operator) {
    case "exp":
      return Math.exp(value);
    case "ln":
      return Math.log(value);
    case "floor":
      return Math.floor(value);
    case "ceil":
      return Math.ceil(value);
    case "round":
      return Math.round(value);
    default:
      return Math.abs(value);
  }
}
