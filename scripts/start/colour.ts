const enabled =
  !process.env.NO_COLOR && process.env.TERM !== 'dumb' && (process.stdout.isTTY || Boolean(process.env.FORCE_COLOR));

const paint = (code: number) => (text: string) => (enabled ? `\u001b[${code}m${text}\u001b[0m` : text);

/** Terminal colours, absent where the output is no terminal. */
export const colour = {
  bold: paint(1),
  dim: paint(2),
  red: paint(31),
  green: paint(32),
  yellow: paint(33),
  blue: paint(34),
  magenta: paint(35),
  cyan: paint(36),
};
