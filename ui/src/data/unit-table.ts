/** The units that dashboards name, by Grafana's ids. */

/** Steps ascend; each shows the value divided by its factor. */
export interface Scale {
  kind: "scale";
  steps: readonly (readonly [factor: number, suffix: string])[];
  prefix?: string;
  /** What a value of 1 is, in terms of the factors: 1024 for kibibytes. */
  unit?: number;
}

export type UnitSpec =
  | Scale
  | { kind: "suffix"; suffix: string; factor?: number }
  | { kind: "bool"; yes: string; no: string }
  | { kind: "special"; name: string };

export const unitTable = new Map<string, UnitSpec>();

function add(spec: UnitSpec, ...ids: string[]) {
  for (const id of ids) unitTable.set(id, spec);
}

function steps(base: number, suffixes: readonly string[]): [number, string][] {
  return suffixes.map((suffix, power) => [base ** power, suffix]);
}

add({ kind: "suffix", suffix: "" }, "none");
add({ kind: "scale", steps: steps(1000, ["", " K", " Mil", " Bil", " Tri", " Quadr"]) }, "short");
add({ kind: "scale", steps: steps(1000, ["", " k", " M", " G", " T", " P"]) }, "sishort");
add({ kind: "suffix", suffix: "%" }, "percent");
add({ kind: "suffix", suffix: "%", factor: 100 }, "percentunit");
for (const name of [
  "dateTimeAsIso",
  "dateTimeAsIsoNoDateIfToday",
  "dateTimeAsUS",
  "dateTimeAsLocal",
  "dateTimeAsSystem",
  "dateTimeFromNow",
  "dtdurationms",
  "dtdurations",
  "dthms",
  "dtdhms",
  "timeticks",
  "clockms",
  "clocks",
  "locale",
  "hex",
  "hex0x",
  "sci",
]) {
  add({ kind: "special", name }, name);
}
add({ kind: "bool", yes: "True", no: "False" }, "bool");
add({ kind: "bool", yes: "Yes", no: "No" }, "bool_yes_no");
add({ kind: "bool", yes: "On", no: "Off" }, "bool_on_off");

/** Bytes and bits: with 1024 (Ki) or 1000 (k), a second or not, counted from a larger prefix. */
function addData() {
  const binary = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
  const decimal = ["", "k", "M", "G", "T", "P", "E"];
  const scale = (base: 1000 | 1024, name: string, power = 0): Scale => ({
    kind: "scale",
    steps: steps(
      base,
      (base === 1024 ? binary : decimal).map((p) => ` ${p}${name}`),
    ),
    unit: base ** power,
  });
  add(scale(1024, "B"), "bytes");
  add(scale(1000, "B"), "decbytes");
  add(scale(1024, "b"), "bits");
  add(scale(1000, "b"), "decbits");
  add(scale(1024, "B/s"), "binBps");
  add(scale(1000, "B/s"), "Bps");
  add(scale(1024, "b/s"), "binbps");
  add(scale(1000, "b/s"), "bps");
  ["k", "m", "g", "t", "p"].forEach((letter, index) => {
    const power = index + 1;
    const upper = letter.toUpperCase();
    add(scale(1024, "B", power), `${letter}bytes`);
    add(scale(1000, "B", power), `dec${letter}bytes`);
    add(scale(1024, "B/s", power), `${upper}iBs`);
    add(scale(1000, "B/s", power), `${upper}Bs`);
    add(scale(1024, "b/s", power), `${upper}ibits`);
    add(scale(1000, "b/s", power), `${upper}bits`);
  });
}
addData();

/** Counts a second or a minute: 1.2 Kreq/s. */
function addRates() {
  const rates: Record<string, string> = {
    cps: "c/s",
    ops: "ops/s",
    reqps: "req/s",
    rps: "rd/s",
    wps: "wr/s",
    iops: "io/s",
    eps: "evt/s",
    mps: "msg/s",
    recps: "rec/s",
    rowsps: "rows/s",
    cpm: "c/m",
    opm: "ops/m",
    reqpm: "req/m",
    rpm: "rd/m",
    wpm: "wr/m",
    mpm: "msg/m",
    epm: "evt/m",
    recpm: "rec/m",
    pps: "p/s",
    flops: "FLOPS",
    pixel: "px",
  };
  for (const [id, name] of Object.entries(rates)) {
    const prefixes = ["", "k", "M", "G", "T"];
    add(
      {
        kind: "scale",
        steps: steps(
          1000,
          prefixes.map((p) => ` ${p}${name}`),
        ),
      },
      id,
    );
  }
}
addRates();

function addTimes() {
  const seconds: [number, string][] = [
    [1e-9, " ns"],
    [1e-6, " µs"],
    [1e-3, " ms"],
    [1, " s"],
    [60, " min"],
    [3600, " hours"],
    [86_400, " days"],
    [604_800, " weeks"],
    [31_536_000, " years"],
  ];
  const units: Record<string, number> = {
    ns: 1e-9,
    µs: 1e-6,
    ms: 1e-3,
    s: 1,
    m: 60,
    h: 3600,
    d: 86_400,
  };
  for (const [id, unit] of Object.entries(units)) add({ kind: "scale", steps: seconds, unit }, id);
}
addTimes();

function addCurrencies() {
  const signs: Record<string, string> = {
    USD: "$",
    GBP: "£",
    EUR: "€",
    JPY: "¥",
    CNY: "¥",
    RUB: "₽",
    UAH: "₴",
    BRL: "R$",
    DKK: "kr",
    ISK: "kr",
    NOK: "kr",
    SEK: "kr",
    CZK: "Kč",
    CHF: "CHF",
    PLN: "zł",
    BTC: "฿",
    ZAR: "R",
    INR: "₹",
    KRW: "₩",
    IDR: "Rp",
    PHP: "₱",
    VND: "₫",
    TRY: "₺",
    MYR: "RM",
    CAD: "$",
    AUD: "$",
    ILS: "₪",
  };
  for (const [code, prefix] of Object.entries(signs)) {
    const scale: Scale = {
      kind: "scale",
      steps: steps(1000, ["", "K", "M", "B", "T"]),
      prefix,
    };
    add(scale, `currency${code}`);
  }
}
addCurrencies();

/** Units of measure that take the prefixes of the SI. */
function addMeasures() {
  const prefixes: readonly [number, string][] = [
    [1e-9, "n"],
    [1e-6, "µ"],
    [1e-3, "m"],
    [1, ""],
    [1e3, "k"],
    [1e6, "M"],
    [1e9, "G"],
    [1e12, "T"],
  ];
  const measures: Record<string, [name: string, unit: number]> = {
    hertz: ["Hz", 1],
    rothz: ["Hz", 1],
    watt: ["W", 1],
    kwatt: ["W", 1e3],
    megwatt: ["W", 1e6],
    gwatt: ["W", 1e9],
    mwatt: ["W", 1e-3],
    watth: ["Wh", 1],
    kwatth: ["Wh", 1e3],
    voltamp: ["VA", 1],
    kvoltamp: ["VA", 1e3],
    joule: ["J", 1],
    ev: ["eV", 1],
    amp: ["A", 1],
    kamp: ["A", 1e3],
    mamp: ["A", 1e-3],
    volt: ["V", 1],
    kvolt: ["V", 1e3],
    mvolt: ["V", 1e-3],
    ohm: ["Ω", 1],
    kohm: ["Ω", 1e3],
    Mohm: ["Ω", 1e6],
    farad: ["F", 1],
    µfarad: ["F", 1e-6],
    nfarad: ["F", 1e-9],
    henry: ["H", 1],
    mhenry: ["H", 1e-3],
    lumens: ["lm", 1],
    lengthm: ["m", 1],
    lengthkm: ["m", 1e3],
    lengthmm: ["m", 1e-3],
    massg: ["g", 1],
    masskg: ["g", 1e3],
    massmg: ["g", 1e-3],
    litre: ["L", 1],
    mlitre: ["L", 1e-3],
    pressurebar: ["bar", 1],
    pressurembar: ["bar", 1e-3],
    pressurepa: ["Pa", 1],
    pressurehpa: ["Pa", 100],
    pressurekpa: ["Pa", 1e3],
    forceN: ["N", 1],
    forcekN: ["N", 1e3],
    radbq: ["Bq", 1],
    radgy: ["Gy", 1],
    radsv: ["Sv", 1],
    radmsv: ["Sv", 1e-3],
  };
  for (const [id, [name, unit]] of Object.entries(measures)) {
    const scale = prefixes.map(([factor, prefix]) => [factor, ` ${prefix}${name}`] as const);
    add({ kind: "scale", steps: scale, unit }, id);
  }
}
addMeasures();

/** Units that only follow the number. */
function addSuffixes() {
  const suffixes: Record<string, string> = {
    celsius: "°C",
    fahrenheit: "°F",
    kelvin: " K",
    humidity: " %H",
    dB: " dB",
    dBm: " dBm",
    candela: " cd",
    degree: "°",
    radian: " rad",
    grad: " grad",
    arcmin: " arcmin",
    arcsec: " arcsec",
    rotrpm: " rpm",
    rotrads: " rad/s",
    rotdegs: " °/s",
    lengthft: " ft",
    lengthmi: " mi",
    lengthin: " in",
    areaM2: " m²",
    areaF2: " ft²",
    areaMI2: " mi²",
    areaKM2: " km²",
    masst: " t",
    masslb: " lb",
    massoz: " oz",
    velocityms: " m/s",
    velocitykmh: " km/h",
    velocitymph: " mph",
    velocityknot: " kn",
    accMS2: " m/s²",
    accFS2: " ft/s²",
    accG: " g",
    m3: " m³",
    Nm3: " Nm³",
    dm3: " dm³",
    gallons: " gal",
    flowgpm: " gpm",
    flowcms: " m³/s",
    flowcfs: " ft³/s",
    flowcfm: " ft³/min",
    flowlpm: " L/min",
    flowlps: " L/s",
    flowlph: " L/h",
    flowmlpm: " mL/min",
    flowmlps: " mL/s",
    litreh: " L/h",
    pressurehg: " inHg",
    pressurepsi: " psi",
    ppm: " ppm",
    conppm: " ppm",
    conppb: " ppb",
    conngm3: " ng/m³",
    conμgm3: " µg/m³",
    conmgm3: " mg/m³",
    congm3: " g/m³",
    conmgdL: " mg/dL",
    conmmolL: " mmol/L",
    radrad: " rad",
    radrem: " rem",
    radsvh: " Sv/h",
    radmsvh: " mSv/h",
    radusvh: " µSv/h",
    ampere: " A",
    amphour: " Ah",
    coulomb: " C",
    Wm2: " W/m²",
    forceNm: " Nm",
    string: "",
  };
  for (const [id, suffix] of Object.entries(suffixes)) add({ kind: "suffix", suffix }, id);
}
addSuffixes();
