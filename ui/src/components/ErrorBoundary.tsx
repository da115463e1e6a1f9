/** Keeps a fault in one part of a page from taking the rest with it. */
import { Button } from "@mantine/core";
import { Component, type ErrorInfo, type ReactNode } from "react";
import { ErrorNote } from "./ErrorNote";

interface State {
  error: Error | null;
}

export class ErrorBoundary extends Component<{ children: ReactNode }, State> {
  override state: State = { error: null };

  static getDerivedStateFromError(error: unknown): State {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }

  override componentDidCatch(error: Error, info: ErrorInfo) {
    console.error("A part of the page failed:", error, info.componentStack);
  }

  override render() {
    const { error } = this.state;
    if (!error) return this.props.children;
    return (
      <div>
        <ErrorNote error={error} />
        <Button mt="sm" variant="default" onClick={() => this.setState({ error: null })}>
          Try again
        </Button>
      </div>
    );
  }
}
