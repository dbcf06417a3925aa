/**
 * Whole numbers from a program's option, such as "100,1000". Where the text holds anything else, says so together with the usage and
 * ends the program with status 2.
 */
export function wholeNumbers(option: string, text: string, usage: string, least = 0): readonly number[] {
  const numbers = text.split(',').map(Number);
  if (text.trim() !== '' && numbers.every((number) => Number.isInteger(number) && number >= least)) return numbers;
  console.error(`--${option} takes whole numbers from ${least} on.\n\n${usage}`);
  process.exit(2);
}

/** The same of an option that takes one. */
export function wholeNumber(option: string, text: string, usage: string, least = 0): number {
  const [number, ...more] = wholeNumbers(option, text, usage, least);
  if (number !== undefined && more.length === 0) return number;
  console.error(`--${option} takes one whole number.\n\n${usage}`);
  process.exit(2);
}
