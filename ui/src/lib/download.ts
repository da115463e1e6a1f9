/** A file made in the browser, handed to whoever asked for it. */
export function downloadBlob(name: string, blob: Blob): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  // The browser has its copy once the click was handled.
  setTimeout(() => URL.revokeObjectURL(url), 1_000);
}
