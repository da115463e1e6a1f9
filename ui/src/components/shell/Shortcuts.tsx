/** The list of keyboard shortcuts, opened by `?`. */
import { Kbd, Modal } from "@mantine/core";
import { pages } from "./pages";
import classes from "./Shortcuts.module.css";

const groups: { title: string; keys: [string[], string][] }[] = [
  {
    title: "Everywhere",
    keys: [
      [["Ctrl", "K"], "Search pages, dashboards and metrics"],
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
      [["R"], "Refresh now"],
      [["E"], "Edit"],
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
