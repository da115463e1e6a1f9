/** Filters that go into every query: a pill for each, and a form for another. */
import { ActionIcon, Autocomplete, Button, Pill, Popover, Select } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { type SyntheticEvent, useState } from "react";
import { fetchLabelNames, fetchLabelValues } from "../../api/labels";
import type { AdhocFilter } from "../../dashboard/model/types";
import { writeFilters } from "../../dashboard/variables/adhoc";
import classes from "./VariablesBar.module.css";

interface Props {
  filters: readonly AdhocFilter[];
  onChange: (values: string[]) => void;
}

const OPERATORS = ["=", "!=", "=~", "!~"];
const CHOICES_MAX = 500;

export function AdhocFilters({ filters, onChange }: Props) {
  const [opened, form] = useDisclosure(false);
  return (
    <div className={classes.filters}>
      {filters.map(({ key, operator, value }, index) => (
        <Pill
          key={`${key}${operator}${value}`}
          withRemoveButton
          onRemove={() => onChange(writeFilters(filters.filter((_, i) => i !== index)))}
        >
          {key} {operator} {value}
        </Pill>
      ))}
      <Popover opened={opened} onChange={(next) => !next && form.close()} shadow="md" trapFocus>
        <Popover.Target>
          <ActionIcon size={22} aria-label="Add a filter" onClick={form.toggle}>
            <IconPlus size={15} />
          </ActionIcon>
        </Popover.Target>
        <Popover.Dropdown>
          <FilterForm
            onAdd={(filter) => {
              form.close();
              onChange(writeFilters([...filters, filter]));
            }}
          />
        </Popover.Dropdown>
      </Popover>
    </div>
  );
}

function FilterForm({ onAdd }: { onAdd: (filter: AdhocFilter) => void }) {
  const [key, setKey] = useState("");
  const [operator, setOperator] = useState("=");
  const [value, setValue] = useState("");
  const names = useQuery({
    queryKey: ["label names"],
    queryFn: ({ signal }) => fetchLabelNames({ limit: CHOICES_MAX }, signal),
  });
  const values = useQuery({
    queryKey: ["label values", key],
    enabled: names.data?.includes(key) ?? false,
    queryFn: ({ signal }) => fetchLabelValues(key, { limit: CHOICES_MAX }, signal),
  });
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (key !== "") onAdd({ key, operator, value });
  };
  return (
    <form className={classes.form} onSubmit={submit}>
      <Autocomplete
        size="xs"
        aria-label="Label"
        placeholder="Label"
        data={names.data ?? []}
        limit={50}
        value={key}
        onChange={setKey}
      />
      <Select
        size="xs"
        w={66}
        aria-label="Operator"
        data={OPERATORS}
        value={operator}
        allowDeselect={false}
        onChange={(next) => setOperator(next ?? "=")}
      />
      <Autocomplete
        size="xs"
        aria-label="Value"
        placeholder="Value"
        data={values.data ?? []}
        limit={50}
        value={value}
        onChange={setValue}
      />
      <Button size="xs" type="submit" disabled={key === ""}>
        Add
      </Button>
    </form>
  );
}
