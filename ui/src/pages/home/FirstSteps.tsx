/** What home says while no host has reported yet: wait a moment, or what to check. */
import { Code, Loader } from "@mantine/core";
import { Link } from "react-router";
import classes from "./FirstSteps.module.css";

export function FirstSteps() {
  return (
    <section className={classes.card} aria-label="First steps">
      <Loader size="sm" type="dots" />
      <div>
        <h2>Waiting for the first scrape of a host</h2>
        <p>
          Bellwether scrapes this host by itself, every few seconds; the graphs appear here as soon
          as the first samples are in.
        </p>
        <p>
          Nothing after half a minute? See the last error under <Link to="/targets">Targets</Link>,
          or add hosts with <Code>collect.prometheus</Code> in <Code>bellwether.yml</Code>: any
          node_exporter will do.
        </p>
      </div>
    </section>
  );
}
