/** `midstream schema`: the JSON Schema of the config file, for editors. */
import { defineCommand } from "citty";
import { configJsonSchema } from "../../../core/index.ts";
import { registry } from "../../../plugins/registry.gen.ts";

export default defineCommand({
  meta: { name: "schema", description: "Print the JSON Schema of the config file" },
  async run() {
    console.log(
      JSON.stringify(
        await configJsonSchema({ registry, importModule: () => Promise.reject(new Error("schema imports nothing")) }),
        null,
        2,
      ),
    );
    return 0;
  },
});
