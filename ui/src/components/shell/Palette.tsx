/** placeholder */
export default function Palette(_props: { onClose: () => void }) {
  return null;
}
