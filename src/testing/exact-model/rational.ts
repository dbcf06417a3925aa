const LARGE = 1n << 512n;

/** An exact fraction of two integers. What the model reckons with: no decimal library, no rounding but where a rule says so. */
export class Rational {
  readonly num: bigint;
  /** Above zero. */
  readonly den: bigint;

  private constructor(num: bigint, den: bigint) {
    this.num = num;
    this.den = den;
  }

  static of(num: bigint, den = 1n): Rational {
    if (den === 0n) throw new RangeError('Division by zero');
    const [n, d] = den < 0n ? [-num, -den] : [num, den];
    // Small fractions need not be in lowest terms, and looking for them takes longer than all else.
    if (d < LARGE) return new Rational(n, d);
    const shared = gcd(n < 0n ? -n : n, d);
    return new Rational(n / shared, d / shared);
  }

  /** Reads a plain decimal: "-12.50". */
  static parse(text: string): Rational {
    const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text);
    if (match === null) throw new Error(`Not a plain decimal: ${text}`);
    const [, sign, whole = '', fraction = ''] = match;
    const num = BigInt(whole + fraction);
    return Rational.of(sign === '-' ? -num : num, 10n ** BigInt(fraction.length));
  }

  plus(other: Rational): Rational {
    return Rational.of(this.num * other.den + other.num * this.den, this.den * other.den);
  }

  minus(other: Rational): Rational {
    return Rational.of(this.num * other.den - other.num * this.den, this.den * other.den);
  }

  times(other: Rational): Rational {
    return Rational.of(this.num * other.num, this.den * other.den);
  }

  over(other: Rational): Rational {
    return Rational.of(this.num * other.den, this.den * other.num);
  }

  negated(): Rational {
    return new Rational(-this.num, this.den);
  }

  abs(): Rational {
    return this.num < 0n ? this.negated() : this;
  }

  /** −1, 0 or 1. */
  get sign(): number {
    return this.num < 0n ? -1 : this.num > 0n ? 1 : 0;
  }

  gt(other: Rational): boolean {
    return this.num * other.den > other.num * this.den;
  }

  lt(other: Rational): boolean {
    return other.gt(this);
  }

  eq(other: Rational): boolean {
    return this.num * other.den === other.num * this.den;
  }

  /** The multiple of a step that is next below, or equal. */
  down(step: Rational): Rational {
    const parts = this.over(step);
    return Rational.of(floor(parts.num, parts.den)).times(step);
  }

  /** The multiple of a step that is next above, or equal. */
  up(step: Rational): Rational {
    return this.negated().down(step).negated();
  }

  /** The nearest multiple of a step; halves away from zero. */
  nearest(step: Rational): Rational {
    const half = Rational.of(1n, 2n);
    const size = this.abs().over(step).plus(half).down(ONE).times(step);
    return this.sign < 0 ? size.negated() : size;
  }

  toString(): string {
    return `${this.num}/${this.den} (about ${Number((this.num * 10n ** 20n) / this.den) / 1e20})`;
  }
}

function gcd(a: bigint, b: bigint): bigint {
  let [x, y] = [a, b];
  while (y !== 0n) [x, y] = [y, x % y];
  return x === 0n ? 1n : x;
}

function floor(num: bigint, den: bigint): bigint {
  const quotient = num / den;
  return num % den !== 0n && num < 0n ? quotient - 1n : quotient;
}

export const ZERO = Rational.of(0n);
export const ONE = Rational.of(1n);
/** What a number of the product is rounded to after a division. */
const EIGHTEENTH = Rational.of(1n, 10n ** 18n);

/** The nearest 18th decimal. */
export function rounded(value: Rational): Rational {
  return value.nearest(EIGHTEENTH);
}

export function least(first: Rational, ...others: readonly Rational[]): Rational {
  return others.reduce((one, other) => (other.lt(one) ? other : one), first);
}

export function most(first: Rational, ...others: readonly Rational[]): Rational {
  return others.reduce((one, other) => (other.gt(one) ? other : one), first);
}
