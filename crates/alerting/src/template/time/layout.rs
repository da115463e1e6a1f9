//! Go's layouts: a reference time whose parts stand for themselves.

use std::fmt::Write;

use jiff::Zoned;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const WEEKDAYS: [&str; 7] =
    ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// The parts of a layout, longest first where one starts with another.
const PARTS: &[&str] = &[
    "January",
    "Jan",
    "Monday",
    "Mon",
    "MST",
    "2006",
    "-07:00:00",
    "-07:00",
    "-070000",
    "-0700",
    "-07",
    "Z07:00:00",
    "Z07:00",
    "Z070000",
    "Z0700",
    "Z07",
    "002",
    "__2",
    "_2006",
    "_2",
    "01",
    "02",
    "03",
    "04",
    "05",
    "06",
    "15",
    "PM",
    "pm",
    "1",
    "2",
    "3",
    "4",
    "5",
];

/// Writes `time` by `layout`.
pub(in super::super) fn format_layout(time: &Zoned, layout: &str) -> String {
    let mut out = String::with_capacity(layout.len() + 8);
    let mut rest = layout;
    while let Some(c) = rest.chars().next() {
        if let Some(length) = fraction_len(rest) {
            fraction(&mut out, time, &rest[..length]);
            rest = &rest[length..];
            continue;
        }
        let part = PARTS.iter().find(|part| rest.starts_with(**part) && is_whole(part, rest));
        match part {
            // An underscore before a year is an underscore.
            Some(&"_2006") => {
                let _ = write!(out, "_{}", time.year());
                rest = &rest["_2006".len()..];
            }
            Some(part) => {
                write_part(&mut out, time, part);
                rest = &rest[part.len()..];
            }
            None => {
                out.push(c);
                rest = &rest[c.len_utf8()..];
            }
        }
    }
    out
}

/// `Jan` does not stand for a month in `January`'s kin such as `Janet`.
fn is_whole(part: &str, rest: &str) -> bool {
    match part {
        "Jan" | "Mon" => !rest[part.len()..].starts_with(|c: char| c.is_ascii_lowercase()),
        _ => true,
    }
}

/// The length of `.000` or `.999`, which no further digit may follow.
fn fraction_len(rest: &str) -> Option<usize> {
    let digits = rest.strip_prefix(['.', ','])?;
    let first = digits.chars().next().filter(|c| matches!(c, '0' | '9'))?;
    let count = digits.chars().take_while(|c| *c == first).count();
    let is_alone = !digits[count..].starts_with(|c: char| c.is_ascii_digit());
    is_alone.then_some(1 + count)
}

fn fraction(out: &mut String, time: &Zoned, part: &str) {
    let digits = format!("{:09}", time.subsec_nanosecond());
    let wanted = (part.len() - 1).min(9);
    let shown = match part.ends_with('9') {
        true => digits[..wanted].trim_end_matches('0'),
        false => &digits[..wanted],
    };
    if !shown.is_empty() {
        out.push_str(&part[..1]);
        out.push_str(shown);
    }
}

fn write_part(out: &mut String, time: &Zoned, part: &str) {
    let month = MONTHS[(time.month() - 1) as usize];
    let weekday = WEEKDAYS[time.weekday().to_monday_zero_offset() as usize];
    let hour12 = match time.hour() % 12 {
        0 => 12,
        hour => hour,
    };
    let _ = match part {
        "January" => write!(out, "{month}"),
        "Jan" => write!(out, "{}", &month[..3]),
        "Monday" => write!(out, "{weekday}"),
        "Mon" => write!(out, "{}", &weekday[..3]),
        "2006" => write!(out, "{:04}", time.year()),
        "06" => write!(out, "{:02}", time.year().rem_euclid(100)),
        "01" => write!(out, "{:02}", time.month()),
        "1" => write!(out, "{}", time.month()),
        "02" => write!(out, "{:02}", time.day()),
        "_2" => write!(out, "{:2}", time.day()),
        "2" => write!(out, "{}", time.day()),
        "002" => write!(out, "{:03}", time.day_of_year()),
        "__2" => write!(out, "{:3}", time.day_of_year()),
        "15" => write!(out, "{:02}", time.hour()),
        "03" => write!(out, "{hour12:02}"),
        "3" => write!(out, "{hour12}"),
        "04" => write!(out, "{:02}", time.minute()),
        "4" => write!(out, "{}", time.minute()),
        "05" => write!(out, "{:02}", time.second()),
        "5" => write!(out, "{}", time.second()),
        "PM" => write!(out, "{}", if time.hour() < 12 { "AM" } else { "PM" }),
        "pm" => write!(out, "{}", if time.hour() < 12 { "am" } else { "pm" }),
        "MST" => write!(out, "{}", zone_name(time)),
        offset => write!(out, "{}", offset_text(time, offset)),
    };
}

fn zone_name(time: &Zoned) -> String {
    let name = time.time_zone().to_offset_info(time.timestamp()).abbreviation().to_owned();
    if name.is_empty() { "UTC".to_owned() } else { name }
}

fn offset_text(time: &Zoned, part: &str) -> String {
    let seconds = time.offset().seconds();
    if part.starts_with('Z') && seconds == 0 {
        return "Z".to_owned();
    }
    let (sign, seconds) = if seconds < 0 { ('-', -seconds) } else { ('+', seconds) };
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match &part[1..] {
        "07" => format!("{sign}{hours:02}"),
        "0700" => format!("{sign}{hours:02}{minutes:02}"),
        "07:00" => format!("{sign}{hours:02}:{minutes:02}"),
        "070000" => format!("{sign}{hours:02}{minutes:02}{seconds:02}"),
        _ => format!("{sign}{hours:02}:{minutes:02}:{seconds:02}"),
    }
}
