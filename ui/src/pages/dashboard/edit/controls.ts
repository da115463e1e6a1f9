/** What the panel editor offers for each type of panel: a label, and where in the JSON it is kept. */

export interface Control {
  path: string;
  label: string;
  kind: "text" | "longText" | "number" | "switch" | "select" | "many" | "unit";
  /** Of selects: value and label, or both in one. */
  choices?: readonly (string | [value: string, label: string])[];
  /** What holds while nothing is set. */
  fallback?: string | boolean;
}

export interface Section {
  title: string;
  controls: readonly Control[];
  /** Only for these types; without them for all. */
  types?: readonly string[];
}

export const PANEL_TYPES: readonly [value: string, label: string][] = [
  ["timeseries", "Time series"],
  ["stat", "Stat"],
  ["gauge", "Gauge"],
  ["bargauge", "Bar gauge"],
  ["table", "Table"],
  ["piechart", "Pie chart"],
  ["barchart", "Bar chart"],
  ["heatmap", "Heatmap"],
  ["state-timeline", "State timeline"],
  ["status-history", "Status history"],
  ["histogram", "Histogram"],
  ["geomap", "Map"],
  ["nodeGraph", "Node graph"],
  ["xychart", "Scatter plot"],
  ["logs", "Logs"],
  ["traces", "Traces"],
  ["alertlist", "Alerts"],
  ["dashlist", "Dashboards"],
  ["annolist", "Annotations"],
  ["text", "Text"],
];

const CALCS: readonly [string, string][] = [
  ["lastNotNull", "Last *"],
  ["last", "Last"],
  ["firstNotNull", "First *"],
  ["min", "Min"],
  ["max", "Max"],
  ["mean", "Mean"],
  ["median", "Median"],
  ["sum", "Total"],
  ["count", "Count"],
  ["range", "Range"],
  ["diff", "Difference"],
];

const field = (path: string) => `fieldConfig.defaults.${path}`;
const custom = (path: string) => `fieldConfig.defaults.custom.${path}`;

export const SECTIONS: readonly Section[] = [
  {
    title: "Text",
    types: ["text"],
    controls: [
      {
        path: "options.mode",
        label: "Language",
        kind: "select",
        choices: ["markdown", "html", "code"],
        fallback: "markdown",
      },
      { path: "options.content", label: "Content", kind: "longText" },
    ],
  },
  {
    title: "Alerts",
    types: ["alertlist"],
    controls: [
      {
        path: "options.viewMode",
        label: "Shows",
        kind: "select",
        choices: [
          ["list", "A list"],
          ["stat", "Their number"],
        ],
        fallback: "list",
      },
      { path: "options.stateFilter.firing", label: "Firing", kind: "switch", fallback: true },
      { path: "options.stateFilter.pending", label: "Pending", kind: "switch", fallback: true },
      { path: "options.alertName", label: "Names with", kind: "text" },
      {
        path: "options.alertInstanceLabelFilter",
        label: 'Labels, such as {severity="critical"}',
        kind: "text",
      },
      { path: "options.maxItems", label: "At most", kind: "number" },
    ],
  },
  {
    title: "Dashboards",
    types: ["dashlist"],
    controls: [
      { path: "options.showStarred", label: "Starred", kind: "switch", fallback: true },
      { path: "options.showSearch", label: "Found by a search", kind: "switch" },
      { path: "options.query", label: "Search for", kind: "text" },
      { path: "options.maxItems", label: "At most", kind: "number" },
    ],
  },
  {
    title: "Lines",
    types: ["logs"],
    controls: [
      { path: "options.showTime", label: "Times", kind: "switch", fallback: true },
      { path: "options.showLabels", label: "Labels", kind: "switch" },
      { path: "options.wrapLogMessage", label: "Wrap", kind: "switch" },
    ],
  },
  {
    title: "Values",
    controls: [
      { path: field("unit"), label: "Unit", kind: "unit" },
      { path: field("decimals"), label: "Decimals", kind: "number" },
      { path: field("min"), label: "Least", kind: "number" },
      { path: field("max"), label: "Most", kind: "number" },
      { path: field("displayName"), label: "Name", kind: "text" },
      { path: field("noValue"), label: "Instead of nothing", kind: "text" },
      {
        path: field("color.mode"),
        label: "Colours",
        kind: "select",
        choices: [
          ["palette-classic", "By series"],
          ["palette-classic-by-name", "By name"],
          ["thresholds", "By thresholds"],
          ["continuous-GrYlRd", "Green to red"],
          ["continuous-RdYlGr", "Red to green"],
          ["continuous-blues", "Blues"],
          ["fixed", "One"],
        ],
      },
      { path: field("color.fixedColor"), label: "The one colour", kind: "text" },
    ],
  },
  {
    title: "Graph",
    types: ["timeseries"],
    controls: [
      {
        path: custom("drawStyle"),
        label: "Draw",
        kind: "select",
        choices: [
          ["line", "Lines"],
          ["bars", "Bars"],
          ["points", "Points"],
        ],
        fallback: "line",
      },
      {
        path: custom("lineInterpolation"),
        label: "Lines are",
        kind: "select",
        choices: [
          ["linear", "Straight"],
          ["smooth", "Smooth"],
          ["stepAfter", "Steps after"],
          ["stepBefore", "Steps before"],
        ],
        fallback: "linear",
      },
      { path: custom("lineWidth"), label: "Width", kind: "number" },
      { path: custom("fillOpacity"), label: "Fill (percent)", kind: "number" },
      {
        path: custom("gradientMode"),
        label: "Gradient",
        kind: "select",
        choices: ["none", "opacity"],
        fallback: "none",
      },
      {
        path: custom("stacking.mode"),
        label: "Stack",
        kind: "select",
        choices: [
          ["none", "Off"],
          ["normal", "On"],
          ["percent", "To 100%"],
        ],
        fallback: "none",
      },
      {
        path: custom("showPoints"),
        label: "Points",
        kind: "select",
        choices: ["auto", "always", "never"],
        fallback: "auto",
      },
      { path: custom("spanNulls"), label: "Connect across gaps", kind: "switch" },
    ],
  },
  {
    title: "Axis",
    types: ["timeseries"],
    controls: [
      {
        path: custom("axisPlacement"),
        label: "Side",
        kind: "select",
        choices: ["auto", "left", "right", "hidden"],
        fallback: "auto",
      },
      { path: custom("axisLabel"), label: "Label", kind: "text" },
      {
        path: custom("scaleDistribution.type"),
        label: "Scale",
        kind: "select",
        choices: [
          ["linear", "Linear"],
          ["log", "Logarithmic"],
          ["symlog", "Symmetric logarithmic"],
        ],
        fallback: "linear",
      },
      { path: custom("axisSoftMin"), label: "At most from", kind: "number" },
      { path: custom("axisSoftMax"), label: "At least to", kind: "number" },
      {
        path: custom("thresholdsStyle.mode"),
        label: "Show thresholds",
        kind: "select",
        choices: [
          ["off", "Off"],
          ["line", "As lines"],
          ["dashed", "As dashed lines"],
          ["area", "As areas"],
          ["line+area", "As both"],
        ],
        fallback: "off",
      },
    ],
  },
  {
    title: "Legend and tooltip",
    types: ["timeseries", "piechart", "barchart"],
    controls: [
      { path: "options.legend.showLegend", label: "Legend", kind: "switch", fallback: true },
      {
        path: "options.legend.displayMode",
        label: "As",
        kind: "select",
        choices: ["list", "table"],
        fallback: "list",
      },
      {
        path: "options.legend.placement",
        label: "Place",
        kind: "select",
        choices: ["bottom", "right"],
        fallback: "bottom",
      },
      { path: "options.legend.calcs", label: "Calculations", kind: "many", choices: CALCS },
      {
        path: "options.tooltip.mode",
        label: "Tooltip",
        kind: "select",
        choices: [
          ["multi", "All series"],
          ["single", "Nearest series"],
          ["none", "Off"],
        ],
        fallback: "multi",
      },
      {
        path: "options.tooltip.sort",
        label: "Sorted",
        kind: "select",
        choices: [
          ["none", "As they come"],
          ["desc", "Largest first"],
          ["asc", "Smallest first"],
        ],
        fallback: "none",
      },
    ],
  },
  {
    title: "Value of a series",
    types: ["stat", "gauge", "bargauge", "piechart"],
    controls: [
      { path: "options.reduceOptions.calcs", label: "Calculation", kind: "many", choices: CALCS },
      { path: "options.reduceOptions.values", label: "Every row instead", kind: "switch" },
      {
        path: "options.orientation",
        label: "Direction",
        kind: "select",
        choices: ["auto", "horizontal", "vertical"],
        fallback: "auto",
      },
    ],
  },
  {
    title: "Stat",
    types: ["stat"],
    controls: [
      {
        path: "options.colorMode",
        label: "Colour",
        kind: "select",
        choices: [
          ["none", "None"],
          ["value", "The value"],
          ["background", "The background"],
          ["background_solid", "The background, plain"],
        ],
        fallback: "value",
      },
      {
        path: "options.graphMode",
        label: "Sparkline",
        kind: "select",
        choices: [
          ["none", "Off"],
          ["area", "On"],
        ],
        fallback: "none",
      },
      {
        path: "options.textMode",
        label: "Show",
        kind: "select",
        choices: [
          ["auto", "What fits"],
          ["value", "The value"],
          ["value_and_name", "Value and name"],
          ["name", "The name"],
        ],
        fallback: "auto",
      },
    ],
  },
  {
    title: "Gauge",
    types: ["gauge"],
    controls: [
      {
        path: "options.showThresholdMarkers",
        label: "Ring of thresholds",
        kind: "switch",
        fallback: true,
      },
      { path: "options.showThresholdLabels", label: "Labels of thresholds", kind: "switch" },
    ],
  },
  {
    title: "Bars",
    types: ["bargauge"],
    controls: [
      {
        path: "options.displayMode",
        label: "Look",
        kind: "select",
        choices: [
          ["gradient", "Gradient"],
          ["lcd", "Lamps"],
          ["basic", "Plain"],
        ],
        fallback: "gradient",
      },
      { path: "options.showUnfilled", label: "Show the rest", kind: "switch", fallback: true },
    ],
  },
  {
    title: "Pie",
    types: ["piechart"],
    controls: [
      {
        path: "options.pieType",
        label: "Form",
        kind: "select",
        choices: [
          ["pie", "Pie"],
          ["donut", "Ring"],
        ],
        fallback: "pie",
      },
      {
        path: "options.displayLabels",
        label: "Labels",
        kind: "many",
        choices: ["name", "value", "percent"],
      },
      {
        path: "options.legend.values",
        label: "In the legend",
        kind: "many",
        choices: ["value", "percent"],
      },
    ],
  },
  {
    title: "Table",
    types: ["table"],
    controls: [
      { path: "options.showHeader", label: "Header", kind: "switch", fallback: true },
      { path: custom("filterable"), label: "Filters", kind: "switch" },
      {
        path: custom("cellOptions.type"),
        label: "Cells",
        kind: "select",
        choices: [
          ["auto", "Plain"],
          ["color-text", "Coloured text"],
          ["color-background", "Coloured background"],
          ["gauge", "Bars"],
        ],
        fallback: "auto",
      },
      { path: "options.footer.show", label: "Footer", kind: "switch" },
    ],
  },
  {
    title: "Bar chart",
    types: ["barchart"],
    controls: [
      { path: "options.xField", label: "Categories from", kind: "text" },
      {
        path: "options.orientation",
        label: "Direction",
        kind: "select",
        choices: ["auto", "horizontal", "vertical"],
        fallback: "auto",
      },
      {
        path: "options.stacking",
        label: "Stack",
        kind: "select",
        choices: ["none", "normal", "percent"],
        fallback: "none",
      },
      {
        path: "options.showValue",
        label: "Values",
        kind: "select",
        choices: ["auto", "always", "never"],
        fallback: "auto",
      },
    ],
  },
  {
    title: "Heatmap",
    types: ["heatmap"],
    controls: [
      { path: "options.calculate", label: "Make buckets from values", kind: "switch" },
      {
        path: "options.color.scheme",
        label: "Colours",
        kind: "select",
        choices: [
          "Oranges",
          "Reds",
          "Blues",
          "Greens",
          "Purples",
          "Turbo",
          "Spectral",
          "Viridis",
          "Magma",
          "Inferno",
          "Plasma",
        ],
        fallback: "Oranges",
      },
      { path: "options.yAxis.unit", label: "Unit of the axis", kind: "unit" },
    ],
  },
  {
    title: "States",
    types: ["state-timeline", "status-history"],
    controls: [
      {
        path: "options.mergeValues",
        label: "Join equal neighbours",
        kind: "switch",
        fallback: true,
      },
      {
        path: "options.showValue",
        label: "Values",
        kind: "select",
        choices: ["auto", "always", "never"],
        fallback: "auto",
      },
    ],
  },
  {
    title: "Queries and place",
    controls: [
      { path: "interval", label: "Least step", kind: "text" },
      { path: "maxDataPoints", label: "Most points", kind: "number" },
      { path: "timeFrom", label: "Own time range", kind: "text" },
      { path: "timeShift", label: "Shifted back by", kind: "text" },
      { path: "repeat", label: "Repeat for variable", kind: "text" },
      { path: "gridPos.w", label: "Columns of 24", kind: "number" },
      { path: "gridPos.h", label: "Rows", kind: "number" },
    ],
  },
];
