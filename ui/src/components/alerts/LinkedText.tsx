/** Text of strangers in which web addresses become links; everything else stays text. */
import { safeUrl } from "../../lib/safe-url";

const ADDRESS = /(https?:\/\/[^\s<>"'`]+[^\s<>"'`.,;:!?)\]}])/i;

export function LinkedText({ text }: { text: string }) {
  // With a group in the pattern, every second part is an address.
  return text.split(ADDRESS).map((part, index) => {
    const url = index % 2 === 1 ? safeUrl(part) : undefined;
    return url === undefined ? (
      part
    ) : (
      <a key={index} href={url} target="_blank" rel="noopener noreferrer">
        {part}
      </a>
    );
  });
}
