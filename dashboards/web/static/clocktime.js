// Times as a person reads them. Charts count seconds from the start of the night; the night knows its own clock.

const STEPS_S = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400];
const DAY_S = 86400;
const pad = (n) => String(n).padStart(2, "0");

// Seconds between local midnight (of any day) and the start of the night; exact, as it is computed in whole ns.
export function startOfDayOffset(night) {
  const localNs = BigInt(night.start_ns) + BigInt(night.utc_offset_s) * 1000000000n;
  return Number(localNs % (BigInt(DAY_S) * 1000000000n)) / 1e9;
}

export class NightClock {
  constructor(night) {
    this.zero = startOfDayOffset(night);
  }

  // Local time of day at t_s; digits: 0 = h:min, 1 = with seconds, 2 = with hundredths.
  text(t, digits = 1) {
    const scale = digits === 2 ? 100 : 1;
    const whole = Math.floor((this.zero + t) * scale + 1e-6);
    const day = ((Math.floor(whole / scale) % DAY_S) + DAY_S) % DAY_S;
    const hhmm = `${pad(Math.floor(day / 3600))}:${pad(Math.floor(day / 60) % 60)}`;
    if (digits === 0) return hhmm;
    const seconds = `${hhmm}:${pad(day % 60)}`;
    return digits === 1 ? seconds : `${seconds}.${pad(((whole % scale) + scale) % scale)}`;
  }

  // Positions of axis labels at full local hours, minutes or seconds.
  splits(min, max, mostLabels) {
    const step = STEPS_S.find((s) => (max - min) / s <= mostLabels) ?? STEPS_S.at(-1);
    const found = [];
    for (let k = Math.ceil((min + this.zero) / step - 1e-9); k * step - this.zero <= max + 1e-9; k++) found.push(k * step - this.zero);
    return found;
  }

  labels(splits) {
    const step = splits.length > 1 ? splits[1] - splits[0] : 60;
    const digits = step >= 59.9 ? 0 : step >= 0.99 ? 1 : 2;
    return splits.map((t) => this.text(t + 1e-6, digits));
  }
}

export function durationText(s) {
  if (s < 10) return `${s.toFixed(1)} s`;
  const whole = Math.round(s);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return whole % 60 ? `${Math.floor(whole / 60)} min ${whole % 60} s` : `${whole / 60} min`;
  const minutes = Math.round(s / 60);
  return minutes % 60 ? `${Math.floor(minutes / 60)} h ${minutes % 60} min` : `${minutes / 60} h`;
}
