// Prints OpenClaw's configuration as strict JSON. Arguments: OpenClaw's entry script, whose json5 is used (the file may
// hold comments), and the file.
const [entry, file] = process.argv.slice(1);
const text = require("fs").readFileSync(file, "utf8");
let parse = JSON.parse;
try {
  parse = require("module").createRequire(require("fs").realpathSync(entry))("json5").parse;
} catch {}
process.stdout.write(JSON.stringify(parse(text)) + "\n");
