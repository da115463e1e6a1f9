/** The mark: a bell, with a pulse where its waist would be. */

export function Logo({ size = 28 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
      <path
        d="M16 3.2c-5.5 0-8.6 4-8.6 9.1 0 5.5-1.5 7.6-3.2 9.1h23.6c-1.7-1.5-3.2-3.6-3.2-9.1 0-5.1-3.1-9.1-8.6-9.1Z"
        fill="var(--bw-accent)"
      />
      <path
        d="M6.6 15.4h4.6l2-4.2 3.4 6.7 2.4-4.5h6.4"
        fill="none"
        stroke="var(--bw-page)"
        strokeWidth="1.9"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
      <path d="M12.3 24a3.7 3.7 0 0 0 7.4 0Z" fill="var(--bw-accent)" />
    </svg>
  );
}
