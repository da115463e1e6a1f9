/** Light, dark, or as the system says. */
import { type MantineColorScheme, UnstyledButton, useMantineColorScheme } from "@mantine/core";
import { IconDeviceDesktop, IconMoon, IconSun } from "@tabler/icons-react";
import classes from "./ThemeSwitch.module.css";

const choices: { scheme: MantineColorScheme; label: string; icon: typeof IconSun }[] = [
  { scheme: "light", label: "Light", icon: IconSun },
  { scheme: "dark", label: "Dark", icon: IconMoon },
  { scheme: "auto", label: "As the system", icon: IconDeviceDesktop },
];

export function ThemeSwitch({ collapsed }: { collapsed: boolean }) {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const current = choices.findIndex(({ scheme }) => scheme === colorScheme);
  const shown = collapsed ? choices.slice(Math.max(current, 0)).slice(0, 1) : choices;
  return (
    <div className={classes.group} role="radiogroup" aria-label="Colour theme">
      {shown.map(({ scheme, label, icon: Icon }) => (
        <UnstyledButton
          key={scheme}
          role="radio"
          aria-checked={scheme === colorScheme}
          aria-label={label}
          title={label}
          className={classes.choice}
          onClick={() => setColorScheme(collapsed ? next(current) : scheme)}
        >
          <Icon size={15} stroke={1.8} />
        </UnstyledButton>
      ))}
    </div>
  );
}

function next(current: number): MantineColorScheme {
  return choices[(current + 1) % choices.length]?.scheme ?? "auto";
}
