/** The list of keyboard shortcuts, opened by `?`. */
import { Kbd, Modal } from "@mantine/core";
import { pages } from "./pages";
import classes from "./Shortcuts.module.css";

const groups: { title: string; keys: [string[], string][] }[] = [
  {
    title: "Everywhere",
    keys: [
      [["Ctrl", "K"], "Search pages, dashboards, services, alerts, metrics"],
      ...pages.map(({ key, label }) => [["Alt", key], label] as [string[], string]),
      [["["], "Narrow or widen the navigation"],
      [["?"], "This help"],
    ],
  },
  {
    title: "Explore",
    keys: [
      [["Shift", "Enter"], "Run the queries (Ctrl Enter as well)"],
      [["Ctrl", "Space"], "Complete"],
      [["Alt", "G"], "Graph"],
      [["Alt", "T"], "Table"],
    ],
  },
  {
    title: "Dashboards",
    keys: [
      [["E"], "Edit the panel under the pointer, or the dashboard"],
      [["V"], "View that panel alone, and back"],
      [["I"], "Inspect that panel"],
      [["P", "D"], "Duplicate that panel while editing (P R: remove)"],
      [["D", "S"], "Settings: variables, JSON"],
      [["D", "R"], "Refresh now (R as well)"],
      [["T", "Z"], "Zoom out"],
      [["T", "←"], "Earlier (T →: later)"],
      [["Esc"], "From one panel back to all"],
      [["Ctrl", "Z"], "Undo (Ctrl Shift Z: redo)"],
      [["Ctrl", "S"], "Save"],
    ],
  },
  {
    title: "Alerts",
    keys: [
      [["/"], "Filter"],
      [["J"], "Next alert"],
      [["K"], "Previous alert"],
      [["Enter"], "Open it"],
      [["S"], "Silence the open alert"],
    ],
  },
  {
    title: "Graphs",
    keys: [
      [["Drag"], "Zoom in"],
      [["Double click"], "Zoom out"],
      [["Ctrl", "Drag"], "Leave a note there (Ctrl Click: at a moment, or change one)"],
      [["Click"], "On a name: show this series alone"],
      [["Ctrl", "Click"], "On a name: hide or show it"],
    ],
  },
];

export function Shortcuts({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <Modal opened={opened} onClose={onClose} title="Keyboard shortcuts" size="md">
      {groups.map(({ title, keys }) => (
        <section key={title} className={classes.group}>
          <h3>{title}</h3>
          <dl>
            {keys.map(([combination, meaning]) => (
              <div key={meaning}>
                <dt>
                  {combination.map((key) => (
                    <Kbd key={key} size="sm">
                      {key}
                    </Kbd>
                  ))}
                </dt>
                <dd>{meaning}</dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
    </Modal>
  );
}
