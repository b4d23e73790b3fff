/** What every plugin promises, whatever its role. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseStrict } from "../../core/config/issues.ts";
import { formatProblem } from "../../core/config/problem.ts";
import type { SchemaShape } from "../../core/config/schema-shape.ts";
import { isPlugin } from "../../core/kernel/registry.ts";
import type { NativeCore } from "../../core/native/native-core.ts";
import type { Plugin, PluginContext, Role, Roles, SecretReference } from "../../core/plugin/contract.ts";
import { testContext } from "../../core/testing/plugin-context.ts";

/** What a suite needs to set the plugin up. */
export interface PluginSettings {
  /** A config as a user would write it; default: {}. */
  readonly config?: unknown;
  /** Values of the secrets that the config names. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** The native core, for plugins that drive it themselves. */
  readonly native?: NativeCore;
  /** Instances that `requires` names. */
  readonly instances?: Readonly<Record<string, object>>;
}

/** A set-up plugin, its parsed config, and its clock. */
export interface SetUp<R extends Role> {
  readonly instance: Roles[R] & AsyncDisposable;
  readonly context: PluginContext;
  /** Lets the plugin's clock go on, in milliseconds. */
  advance(ms: number): void;
}

/** Id of the instance under test. */
export const instanceId = (plugin: Plugin): string => `${plugin.role}/${plugin.type}/conformance`;

/** Sets a plugin up with a clock of its own. */
export async function setUpPlugin<R extends Role>(plugin: Plugin<R>, settings: PluginSettings): Promise<SetUp<R>> {
  let now = 0;
  const { problems, value } = parseStrict(plugin.config, settings.config ?? {});
  assert.deepEqual(problems.map(formatProblem), [], "the suite's config must be valid");
  const context = testContext(instanceId(plugin), {
    now: () => now,
    ...(settings.native !== undefined && { native: settings.native }),
    secret(reference: SecretReference) {
      const value = settings.secrets?.["env" in reference ? reference.env : reference.file];
      assert.ok(value !== undefined, "the suite has no such secret");
      return value;
    },
    use<U extends Role>(_role: U, id: string) {
      const used = settings.instances?.[id];
      assert.ok(used !== undefined, `the suite has no instance ${id}`);
      // The suite's caller says what stands for the instance.
      return used as Roles[U];
    },
  });
  return {
    instance: await plugin.setup(value, context),
    context,
    advance(ms) {
      now += ms;
    },
  };
}

const partTypes = [
  "response-start",
  "text-start",
  "text-delta",
  "text-end",
  "reasoning-start",
  "reasoning-delta",
  "reasoning-end",
  "refusal-delta",
  "tool-input-start",
  "tool-input-delta",
  "tool-input-end",
  "usage",
  "choice-end",
  "response-end",
  "error",
  "raw",
];

/** Tests that hold for plugins of every role. */
export function testPlugin<R extends Role>(plugin: Plugin<R>, settings: PluginSettings): void {
  const name = `${plugin.role}/${plugin.type}`;

  test(`${name}: is a plugin with an honest description of itself`, () => {
    assert.ok(isPlugin(plugin), "api 1, a known role, a kebab-case type, config, capabilities and setup");
    assert.ok(plugin.description.length > 0, "a description");
    const { reads, holdBytes } = plugin.capabilities;
    assert.deepEqual(
      reads.filter((type) => !partTypes.includes(type)),
      [],
      "only known part types in reads",
    );
    assert.ok(Number.isInteger(holdBytes) && holdBytes >= 0, "holdBytes is a number of bytes");
  });

  test(`${name}: refuses unknown keys, and describes every field`, () => {
    // valibot's own types do not allow walking.
    const shape = plugin.config as unknown as SchemaShape & { readonly pipe?: readonly SchemaShape[] };
    assert.equal(shape.type, "strict_object");
    const unknown = { ...(settings.config as object | undefined), surelyUnknown: 1 };
    assert.deepEqual(
      parseStrict(plugin.config, unknown).problems.map((problem) => problem.message),
      ["unknown key"],
    );
    for (const [field, schema] of Object.entries(shape.entries ?? {})) assert.ok(describes(schema), `${field} has no v.description`);
  });

  test(`${name}: is disposed without a session, and twice`, async () => {
    const { instance } = await setUpPlugin(plugin, settings);
    await instance[Symbol.asyncDispose]();
    await instance[Symbol.asyncDispose]();
  });
}

function describes(schema: SchemaShape): boolean {
  const { pipe, wrapped } = schema as SchemaShape & { readonly pipe?: readonly { readonly type: string }[] };
  if (pipe?.some((item) => item.type === "description")) return true;
  return wrapped !== undefined && describes(wrapped);
}
