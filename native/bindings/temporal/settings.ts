/** Settings of comparisons as the flat ABI takes them. */
import { MidStreamError } from "../../../core/errors/midstream-error.ts";

/** Cost of matching two samples, summed along the path; no root is taken of squares. */
export type Cost = "squared" | "absolute";

/** The error of an argument. */
export const refuse = (reason: string) => new MidStreamError("NATIVE_BAD_ARGUMENT", reason);

/** Values that the library reads where they are: those of any other kind of array it would read beyond their end. */
export function samplesOf(argument: string, values: Float64Array): Float64Array {
  if (values instanceof Float64Array) return values;
  throw refuse(`\`${argument}\` is not a Float64Array`);
}

/** Stamps that the library reads where they are. */
export function stampsOf(argument: string, stamps: BigUint64Array): BigUint64Array {
  if (stamps instanceof BigUint64Array) return stamps;
  throw refuse(`\`${argument}\` is not a BigUint64Array`);
}

/** A whole number of 32 bits; the runtimes would cut any other without a word. */
export function whole(setting: string, value: number): number {
  if (Number.isInteger(value) && value >= 0 && value < 0xffff_ffff) return value;
  throw refuse(`\`${setting}\` is not a whole number from 0 to 4294967294`);
}

/** A setting that was not given, as a word. */
export const none = 0xffff_ffff;

/** A code by its name. */
export function codeOf<T extends string>(codes: Readonly<Record<T, number>>, setting: string, name: T): number {
  const code = Object.hasOwn(codes, name) ? codes[name] : undefined;
  if (code === undefined) throw refuse(`\`${setting}\` is not one of ${Object.keys(codes).join(", ")}`);
  return code;
}

const costs = { squared: 0, absolute: 1 } as const;

/** The code of a cost. */
export const costOf = (cost: Cost = "squared") => codeOf(costs, "cost", cost);
