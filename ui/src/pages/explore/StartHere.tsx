/** What Explore shows before the first query: questions worth asking. */
import { Button, UnstyledButton } from "@mantine/core";
import { IconListSearch } from "@tabler/icons-react";
import classes from "./StartHere.module.css";

const EXAMPLES = [
  { question: "What is up, what is down?", expr: "up" },
  {
    question: "How busy is each processor?",
    expr: '1 - avg by (instance, cpu) (rate(node_cpu_seconds_total{mode="idle"}[1m]))',
  },
  {
    question: "Which targets send the most samples?",
    expr: "topk(10, scrape_samples_scraped)",
  },
  {
    question: "How much memory is left?",
    expr: "node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes",
  },
  {
    question: "Which metrics have the most series?",
    expr: 'topk(10, count by (__name__) ({__name__=~".+"}))',
  },
  {
    question: "How much disk is left in four hours, if it goes on like this?",
    expr: "predict_linear(node_filesystem_avail_bytes[1h], 4 * 3600)",
  },
];

interface Props {
  onPick: (expr: string) => void;
  onBrowse: () => void;
}

export function StartHere({ onPick, onBrowse }: Props) {
  return (
    <section className={classes.start} aria-label="Examples">
      <h2>Ask something</h2>
      <p>
        Type above, with completion as you go, or begin with one of these.
        <Button
          size="compact-sm"
          variant="light"
          leftSection={<IconListSearch size={15} />}
          onClick={onBrowse}
        >
          Browse metrics
        </Button>
      </p>
      <ul>
        {EXAMPLES.map(({ question, expr }) => (
          <li key={expr}>
            <UnstyledButton className={classes.example} onClick={() => onPick(expr)}>
              <strong>{question}</strong>
              <code>{expr}</code>
            </UnstyledButton>
          </li>
        ))}
      </ul>
    </section>
  );
}
