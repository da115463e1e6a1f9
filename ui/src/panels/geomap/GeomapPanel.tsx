/** Points on a plain map of the earth, which asks no server for tiles. */
import { useMemo, useState } from "react";
import { NoData } from "../NoData";
import { type PanelProps, useShown } from "../panel-props";
import classes from "./GeomapPanel.module.css";
import { LAND } from "./land";
import { type Place, placesOf } from "./places";

interface View {
  west: number;
  north: number;
  /** Degrees across and down. */
  width: number;
  height: number;
}

/** A map of one town would show nothing that this outline knows. */
const WIDTH_MIN = 30;
const GRID_DEGREES = [1, 2, 5, 10, 15, 30];
const RADIUS_PX: readonly [number, number] = [4, 13];

export default function GeomapPanel(props: PanelProps) {
  const { options, width, height, title } = props;
  const shown = useShown(props, "thresholds");
  const places = useMemo(() => placesOf(shown, options), [shown, options]);
  const [hovered, setHovered] = useState<Place>();
  const view = useMemo(() => viewOf(places, width / Math.max(1, height)), [places, width, height]);
  if (places.length === 0) return <NoData panel={props} />;
  const x = (longitude: number) => ((longitude - view.west) / view.width) * width;
  const y = (latitude: number) => ((view.north - latitude) / view.height) * height;
  const step = GRID_DEGREES.find((degrees) => view.width / degrees <= 8) ?? 30;
  return (
    <div className={classes.map} style={{ width, height }}>
      <svg
        width={width}
        height={height}
        role="img"
        aria-label={`${title}: ${places.length} places`}
      >
        {LAND.map((corners, index) => (
          <polygon
            key={index}
            className={classes.land}
            points={corners.map(([lon, lat]) => `${x(lon)},${y(lat)}`).join(" ")}
          />
        ))}
        {multiples(view.west, view.west + view.width, step).map((lon) => (
          <line
            key={`lon ${lon}`}
            className={classes.grid}
            x1={x(lon)}
            x2={x(lon)}
            y1={0}
            y2={height}
          />
        ))}
        {multiples(view.north - view.height, view.north, step).map((lat) => (
          <line
            key={`lat ${lat}`}
            className={classes.grid}
            x1={0}
            x2={width}
            y1={y(lat)}
            y2={y(lat)}
          />
        ))}
        {places.map((place, index) => (
          <circle
            key={index}
            className={classes.place}
            cx={x(place.longitude)}
            cy={y(place.latitude)}
            r={RADIUS_PX[0] + place.display.share * (RADIUS_PX[1] - RADIUS_PX[0])}
            fill={place.display.color}
            onPointerEnter={() => setHovered(place)}
            onPointerLeave={() => setHovered(undefined)}
          >
            <title>{`${place.title}: ${place.display.full}`}</title>
          </circle>
        ))}
      </svg>
      {hovered && (
        <div className={classes.tip}>
          {hovered.title} <strong>{hovered.display.full}</strong>
        </div>
      )}
    </div>
  );
}

/** All places with some room around them, in the panel's proportions. */
function viewOf(places: readonly Place[], proportion: number): View {
  const longitudes = places.map(({ longitude }) => longitude);
  const latitudes = places.map(({ latitude }) => latitude);
  const [west, east] = [Math.min(...longitudes), Math.max(...longitudes)];
  const [south, north] = [Math.min(...latitudes), Math.max(...latitudes)];
  const wanted = Math.max((east - west) * 1.2, (north - south) * 1.3 * proportion, WIDTH_MIN);
  const width = Math.min(wanted, 360);
  const height = width / proportion;
  const left = (west + east) / 2 - width / 2;
  const top = (south + north) / 2 + height / 2;
  return {
    west: Math.max(-180, Math.min(left, 180 - width)),
    north: height >= 180 ? height / 2 : Math.min(90, Math.max(top, -90 + height)),
    width,
    height,
  };
}

function multiples(from: number, to: number, step: number): number[] {
  const first = Math.ceil(from / step);
  const count = Math.max(0, Math.floor(to / step) - first + 1);
  return Array.from({ length: count }, (_, index) => (first + index) * step);
}
