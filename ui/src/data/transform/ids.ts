/** Names of the transformations that are done; apart from their code, so that a report is light. */
import supported from "../../dashboard/supported.json";

export const transformationIds: ReadonlySet<string> = new Set(supported.transformations);
