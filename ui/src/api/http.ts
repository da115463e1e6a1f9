/** The one fetch funnel: every call to the server passes here and leaves decoded or as ApiError. */
import { array, type Decoder, optional, plainObject, ShapeError, string } from "../lib/decode";
import { obj, str } from "../lib/json";
import { reportConnection } from "./connection";

export type Params = Record<string, string | number | readonly string[] | undefined>;

/** `data` of a successful answer, with what the query engine had to remark. */
export interface Answer<T> {
  data: T;
  warnings: string[];
  infos: string[];
}

/**
 * `unreachable`: no HTTP answer. `rejected`: the server said no (`errorType` is its word for why).
 * `unreadable`: an answer that is not the API's.
 */
export type ApiErrorKind = "unreachable" | "rejected" | "unreadable";

export class ApiError extends Error {
  constructor(
    readonly kind: ApiErrorKind,
    message: string,
    readonly status?: number,
    readonly errorType?: string,
  ) {
    super(message);
    this.name = "ApiError";
  }
}

const API_ROOT = "/api/v1";
/** Proxies commonly refuse longer request lines; the API takes the same parameters as a form. */
const URL_LENGTH_MAX = 4_000;

const NO_ANSWER = "The server does not answer. Is Bellwether still running?";

/** Calls a resource below /api/v1 that answers in the Prometheus envelope. */
export async function call<T>(
  resource: string,
  params: Params,
  decode: Decoder<T>,
  signal?: AbortSignal,
): Promise<Answer<T>> {
  const response = await send(`${API_ROOT}${resource}`, encode(params), signal);
  const body = await readJson(response, resource);
  const envelope = decodeOrThrow(() => plainObject(body, resource), response);
  if (envelope.status !== "success") throw rejection(envelope, response);
  return decodeOrThrow(
    () => ({
      data: decode(envelope.data, resource),
      warnings: optional(array(string))(envelope.warnings, "warnings") ?? [],
      infos: optional(array(string))(envelope.infos, "infos") ?? [],
    }),
    response,
  );
}

export interface JsonRequest {
  /** Without one: POST when there is a body, else GET. */
  method?: "GET" | "POST" | "PUT" | "DELETE";
  params?: Params;
  body?: unknown;
}

/**
 * Calls a resource that answers in plain JSON and says what failed in `message`; its word for why,
 * such as `version-mismatch`, becomes the `errorType`.
 */
export async function callJson<T>(
  path: string,
  request: JsonRequest,
  decode: Decoder<T>,
  signal?: AbortSignal,
): Promise<T> {
  const query = encode(request.params ?? {}).toString();
  const hasBody = request.body !== undefined;
  const response = await transfer(
    query === "" ? path : `${path}?${query}`,
    {
      method: request.method ?? (hasBody ? "POST" : "GET"),
      ...(hasBody && {
        body: JSON.stringify(request.body),
        headers: { "Content-Type": "application/json" },
      }),
    },
    signal,
  );
  const body = await readJson(response, path);
  if (response.ok) return decodeOrThrow(() => decode(body, path), response);
  const text = wordsOf(body) ?? `HTTP ${response.status}`;
  const { errorType, status } = obj(body);
  throw new ApiError("rejected", text, response.status, str(errorType) ?? str(status));
}

/** The server's words about a failure, under the names that its dialects have for them. */
function wordsOf(body: unknown): string | undefined {
  if (typeof body === "string") return body;
  const { message, error } = obj(body);
  return str(message) ?? str(error);
}

/** Undefined when the server does not have what was asked for, or does not know of such things. */
export async function ifServed<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof ApiError && (error.status === 404 || error.status === 405))
      return undefined;
    throw error;
  }
}

function send(path: string, form: URLSearchParams, signal?: AbortSignal): Promise<Response> {
  const query = form.toString();
  if (query.length > URL_LENGTH_MAX) return transfer(path, { method: "POST", body: form }, signal);
  return transfer(query === "" ? path : `${path}?${query}`, {}, signal);
}

async function transfer(url: string, init: RequestInit, signal?: AbortSignal): Promise<Response> {
  try {
    const response = await fetch(url, {
      method: "GET",
      body: null,
      ...init,
      headers: { Accept: "application/json", ...(init.headers as Record<string, string>) },
      signal: signal ?? null,
    });
    // A gateway without a server behind it is as gone as no gateway.
    reportConnection(isGatewayError(response.status) ? "lost" : "up");
    return response;
  } catch (error) {
    if (signal?.aborted) throw error;
    reportConnection("lost");
    throw new ApiError("unreachable", NO_ANSWER);
  }
}

function isGatewayError(status: number): boolean {
  return status === 502 || status === 504;
}

async function readJson(response: Response, resource: string): Promise<unknown> {
  if (response.ok && response.headers.get("Content-Type")?.startsWith("text/html")) {
    // The UI's own page stands in for addresses that the server does not know.
    throw new ApiError("rejected", `This server has no ${resource}.`, 404);
  }
  const text = await response.text();
  if (response.ok && text === "") return null;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    if (isGatewayError(response.status)) {
      throw new ApiError("unreachable", `${NO_ANSWER} (${response.status})`, response.status);
    }
    const start = text.trim().slice(0, 200);
    const message = `${resource} answered ${response.status} ${response.statusText}${start ? `: ${start}` : ""}`;
    throw new ApiError(response.ok ? "unreadable" : "rejected", message, response.status);
  }
}

function rejection(envelope: Record<string, unknown>, response: Response): ApiError {
  const text = typeof envelope.error === "string" ? envelope.error : `HTTP ${response.status}`;
  const type = typeof envelope.errorType === "string" ? envelope.errorType : undefined;
  return new ApiError("rejected", text, response.status, type);
}

function decodeOrThrow<T>(decode: () => T, response: Response): T {
  try {
    return decode();
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error;
    throw new ApiError("unreadable", `Unexpected answer at ${error.message}`, response.status);
  }
}

function encode(params: Params): URLSearchParams {
  const form = new URLSearchParams();
  for (const [key, value] of Object.entries(params)) {
    if (value === undefined) continue;
    for (const one of Array.isArray(value) ? value : [value]) form.append(key, String(one));
  }
  return form;
}
