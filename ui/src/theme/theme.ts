/** Mantine dressed in the palette of tokens.css. */
import {
  Button,
  type CSSVariablesResolver,
  createTheme,
  type MantineColorsTuple,
} from "@mantine/core";

const brass: MantineColorsTuple = [
  "#fdf6e6",
  "#f8e9c8",
  "#f1d699",
  "#eac36d",
  "#e3b04b",
  "#cf9630",
  "#b57d1c",
  "#9c6810",
  "#8a5a06",
  "#6d4703",
];

const ink: MantineColorsTuple = [
  "#e4ebe6",
  "#c3cec8",
  "#93a39b",
  "#6d7e76",
  "#3a4a43",
  "#24302b",
  "#1b2521",
  "#151d1a",
  "#101714",
  "#0b100e",
];

const stone: MantineColorsTuple = [
  "#faf8f3",
  "#f3f0e8",
  "#efece3",
  "#e2ded2",
  "#cdc7b6",
  "#a8a496",
  "#6c746e",
  "#4d5752",
  "#2c3530",
  "#1b2420",
];

/** What floats above the page is lighter than it. */
const floating = {
  content: { backgroundColor: "var(--bw-surface)" },
  header: { backgroundColor: "var(--bw-surface)" },
};

const CLOSE = { "aria-label": "Close" };

export const theme = createTheme({
  fontFamily: "var(--bw-font)",
  fontFamilyMonospace: "var(--bw-mono)",
  headings: { fontFamily: "var(--bw-font)", fontWeight: "620" },
  colors: { brass, dark: ink, gray: stone },
  primaryColor: "brass",
  primaryShade: { light: 8, dark: 4 },
  autoContrast: true,
  luminanceThreshold: 0.35,
  defaultRadius: "md",
  cursorType: "pointer",
  black: "#1b2420",
  fontSizes: { xs: "0.75rem", sm: "0.8125rem", md: "0.9375rem", lg: "1.0625rem", xl: "1.25rem" },
  components: {
    Tooltip: { defaultProps: { openDelay: 250, withArrow: true, arrowSize: 6 } },
    ActionIcon: { defaultProps: { variant: "subtle", color: "gray" } },
    Button: Button.extend({
      defaultProps: { size: "sm" },
      // Text on brass must be dark on the dark theme's bright brass, white on the light one's.
      vars: (_theme, { variant = "filled", color }) => ({
        root:
          variant === "filled" && color === undefined
            ? { "--button-color": "var(--bw-on-accent)" }
            : {},
      }),
    }),
    TextInput: { defaultProps: { size: "sm" } },
    Modal: { styles: floating, defaultProps: { closeButtonProps: CLOSE } },
    Drawer: { styles: floating, defaultProps: { closeButtonProps: CLOSE } },
    Menu: { defaultProps: { shadow: "md", position: "bottom-end" } },
  },
});

export const cssVariables: CSSVariablesResolver = () => {
  const shared = {
    "--mantine-color-body": "var(--bw-page)",
    "--mantine-color-text": "var(--bw-text)",
    "--mantine-color-dimmed": "var(--bw-dim)",
    "--mantine-color-default": "var(--bw-raised)",
    "--mantine-color-default-hover": "var(--bw-sunken)",
    "--mantine-color-default-border": "var(--bw-line-strong)",
    "--mantine-color-default-color": "var(--bw-text)",
    "--mantine-color-anchor": "var(--bw-accent)",
    "--mantine-color-placeholder": "var(--bw-dim)",
    "--mantine-color-error": "var(--bw-bad)",
    "--mantine-color-gray-light-color": "var(--bw-dim)",
    "--mantine-color-gray-text": "var(--bw-dim)",
  };
  return { variables: {}, light: shared, dark: shared };
};
