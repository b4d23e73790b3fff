/**
 * The last word on a complete value: a validator of the whole of JSON Schema, for what native/json-guard leaves open while the text is
 * written (`format`, `unevaluated*`, dynamic references).
 *
 * For schemas of the operator only. Its work has no bound: a schema of a client could make it run for hours on a nested value.
 */
import { type Schema, Validator } from "@cfworker/json-schema";

/** The first breach, by place. */
export interface Breach {
  /** JSON Pointer of the value. */
  readonly path: string;
  /** JSON Pointer of the keyword. */
  readonly schemaPath: string;
  readonly keyword: string;
}

const pointer = (location: string): string => location.replace(/^#/, "");

/** One schema, draft 2020-12. */
export class FinalValidator {
  private readonly validator: Validator;

  constructor(schema: Readonly<Record<string, unknown>>) {
    this.validator = new Validator(schema as Schema, "2020-12", false);
  }

  /** Undefined: valid. `text` is known to be JSON. */
  check(text: string): Breach | undefined {
    const { valid, errors } = this.validator.validate(JSON.parse(text));
    if (valid) return undefined;
    // Keywords that only pass on what one inside of them says have shorter places.
    const depth = ({ keywordLocation }: { readonly keywordLocation: string }) => keywordLocation.split("/").length;
    const innermost = [...errors].sort((left, right) => depth(right) - depth(left))[0];
    if (innermost === undefined) return { path: "", schemaPath: "", keyword: "schema" };
    const { instanceLocation, keywordLocation, keyword } = innermost;
    return { path: pointer(instanceLocation), schemaPath: pointer(keywordLocation), keyword };
  }
}
