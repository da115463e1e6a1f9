/** Asks the server for the values of a query variable. */
import { fetchLabelNames, fetchLabelValues, fetchSeries } from "../../api/labels";
import { queryInstant } from "../../api/query";
import { formatExact } from "../../lib/format";
import { seriesName } from "../../lib/series";
import type { Span } from "../../lib/timerange";
import { parseDefinition } from "./definition";
import { OPTIONS_MAX } from "./options";

export async function lookUp(query: string, span: Span, signal?: AbortSignal): Promise<string[]> {
  if (query.trim() === "") return [];
  const definition = parseDefinition(query);
  const within = { start: span.start, end: span.end, limit: OPTIONS_MAX };
  const scope = (match: string | undefined) =>
    match === undefined ? within : { ...within, match: [match] };
  switch (definition.kind) {
    case "labelNames":
      return fetchLabelNames(scope(definition.match), signal);
    case "labelValues":
      return fetchLabelValues(definition.label, scope(definition.match), signal);
    case "metrics": {
      const names = await fetchLabelValues("__name__", within, signal);
      const pattern = new RegExp(definition.pattern);
      return names.filter((name) => pattern.test(name));
    }
    case "queryResult": {
      const { data } = await queryInstant(definition.expr, span.end, {}, signal);
      // In the form that the variable's expression expects: name{labels} value time.
      return data.samples.map(
        ({ labels, value, timeSeconds }) =>
          `${compact(labels)} ${formatExact(value ?? NaN)} ${Math.round(timeSeconds * 1000)}`,
      );
    }
    case "series":
      return (await fetchSeries(definition.match, within, signal)).map(compact);
  }
}

/** Without spaces between the pairs, as expressions over it expect. */
function compact(labels: Record<string, string>): string {
  return seriesName(labels).replaceAll('", ', '",');
}
