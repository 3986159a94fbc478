// What a sensor measures and in which unit, as a person reads it.

const NAMES = { emg: "EMG", acceleration: "Acceleration", rotation: "Rotation" };
const UNITS = { uV: "µV", dps: "°/s" };

export const quantityText = (quantity) => NAMES[quantity] ?? quantity;
export const unitText = (unit) => UNITS[unit] ?? unit;
