/** A failure where it happened: what was asked, what the server said. Text only, never HTML. */
import { IconAlertTriangle } from "@tabler/icons-react";
import { ApiError } from "../api/http";
import classes from "./ErrorNote.module.css";

interface Props {
  error: Error;
  query?: string | undefined;
}

const titles: Record<ApiError["kind"], string> = {
  unreachable: "No connection",
  rejected: "The server refused this",
  unreadable: "The answer could not be read",
};

export function ErrorNote({ error, query }: Props) {
  const title = error instanceof ApiError ? errorTitle(error) : "Something went wrong";
  return (
    <div role="alert" className={classes.note}>
      <IconAlertTriangle size={18} stroke={1.8} aria-hidden="true" />
      <div className={classes.text}>
        <strong>{title}</strong>
        <p>{error.message}</p>
        {query !== undefined && <code>{query}</code>}
      </div>
    </div>
  );
}

function errorTitle(error: ApiError): string {
  switch (error.errorType) {
    case "bad_data":
      return "This query is not valid";
    case "timeout":
      return "The query took too long";
    case "canceled":
      return "The query was cancelled";
    case "execution":
      return "The query failed";
    default:
      return error.status === 404 ? "Not found" : titles[error.kind];
  }
}
