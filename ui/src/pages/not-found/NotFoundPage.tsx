/** For addresses that lead nowhere. */
import { Button } from "@mantine/core";
import { Link, useLocation } from "react-router";
import { Logo } from "../../components/Logo";
import { useTitle } from "../../lib/use-title";

export default function NotFoundPage() {
  const { pathname } = useLocation();
  useTitle("Not found");
  return (
    <div
      style={{ display: "grid", justifyItems: "center", marginTop: "14vh", textAlign: "center" }}
    >
      <Logo size={56} />
      <h1 style={{ fontSize: 22, margin: "16px 0 4px" }}>No page here</h1>
      <p style={{ color: "var(--bw-dim)", margin: "0 0 20px", overflowWrap: "anywhere" }}>
        <code>{pathname}</code> is not an address that Bellwether knows.
      </p>
      <Button component={Link} to="/">
        Go home
      </Button>
    </div>
  );
}
