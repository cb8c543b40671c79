#!/bin/sh
':' /*
# For a shell, which comes before Node: a plain `hotdesk start`, `attach` or `move` at a display is handed to the agent
# as a file. The agent begins at once, and says in a pipe what to print; Node takes longer to start than most of that.
# Where there is no agent, no answer within a second, or one that is not so simple, Node goes on: docs/protocol.md, Head
# starts. No word or variable ever becomes a part of a command.
unset HOTDESK_HEAD_START
case $1 in start | attach | move)
  newline='
'
  values=$DISPLAY$WAYLAND_DISPLAY$XAUTHORITY$DBUS_SESSION_BUS_ADDRESS$XDG_RUNTIME_DIR$XDG_SESSION_TYPE
  values=$values$XDG_CURRENT_DESKTOP$XDG_DATA_DIRS$LANG$LC_ALL$LC_CTYPE$XKB_DEFAULT_LAYOUT
  agent='' early='' said='' terminal=0
  if [ -n "$DISPLAY$WAYLAND_DISPLAY" ]; then
    # As src/protocol/paths.ts has it, without a program that tells the user's number.
    for folder in ${HOTDESK_RUNTIME_DIR:+"$HOTDESK_RUNTIME_DIR"} /run/user/[0-9]*"/hotdesk" /tmp/hotdesk-[0-9]*; do
      [ -n "$HOTDESK_RUNTIME_DIR" ] && [ "$folder" != "$HOTDESK_RUNTIME_DIR" ] && break
      [ -O "$folder" ] && [ ! -L "$folder" ] && [ -O "$folder/early" ] && [ ! -L "$folder/early" ] || continue
      early=$folder/early
      break
    done
  fi
  case $values$* in *"$newline"*) early='' ;; esac
  [ -t 0 ] && [ -t 1 ] && terminal=1
  {
    [ -n "$early" ] && read -r agent <"$early/agent" && kill -0 "$agent" &&
      command -v mkfifo >/dev/null &&
      printf '%s\n' 'hotdesk 1' "$terminal" "$DISPLAY" "$WAYLAND_DISPLAY" "$XAUTHORITY" \
        "$DBUS_SESSION_BUS_ADDRESS" "$XDG_RUNTIME_DIR" "$XDG_SESSION_TYPE" "$XDG_CURRENT_DESKTOP" \
        "$XDG_DATA_DIRS" "$LANG" "$LC_ALL" "$LC_CTYPE" "$XKB_DEFAULT_LAYOUT" "$#" "$@" end >"$early/$$" &&
      export HOTDESK_HEAD_START=$$ &&
      mkfifo -m 600 "$early/$$.said" && {
        # A pipe that nobody holds any more to write to lets its reader go: no answer within a second.
        sleep 1 >"$early/$$.said" &
        IFS= read -r said <"$early/$$.said" && kill $!
      }
  } 2>/dev/null
  case $said in =*)
    printf '%s\n' "${said#=}"
    exit ;;
  esac ;;
esac
node=${HOTDESK_NODE:-node}
unset HOTDESK_NODE
exec "$node" "$0" "$@"
*/;
// Checks the Node version and runs dist/cli.cjs, or dist/agent.cjs for `hotdesk agent run` and dist/tray.cjs for
// `hotdesk tray`, which live long and need nothing of the command line's. Kept to syntax that Node 8 parses, so that an old Node says
// what is wrong instead of throwing a SyntaxError. CommonJS and V8's code cache (written by npm run build;
// V8 itself refuses one of another version) start 6 ms sooner than an ES module does.
'use strict';

var fs = require('fs');
var path = require('path');

function fail(message, hint) {
  process.stderr.write('hotdesk: ' + message + '\n' + hint + '\n');
  process.exit(1);
}

function supported(version) {
  var parts = version.split('.');
  var major = Number(parts[0]);
  return major > 20 || (major === 20 && Number(parts[1]) >= 19);
}

function read(file) {
  try {
    return fs.readFileSync(file);
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function main() {
  if (!supported(process.versions.node)) {
    fail(
      'Node ' + process.versions.node + ' is too old: 20.19 or newer is needed.',
      'Install a newer Node (Debian 13: apt-get install nodejs; others: https://nodejs.org).',
    );
  }
  var root = path.dirname(__dirname);
  var isAgent = process.argv.length === 4 && process.argv[2] === 'agent' && process.argv[3] === 'run';
  var isTray = process.argv.length === 3 && process.argv[2] === 'tray';
  var file = path.join(root, 'dist', isAgent ? 'agent.cjs' : isTray ? 'tray.cjs' : 'cli.cjs');
  var code = read(file);
  if (code === undefined) fail('This checkout is not built.', 'Run: npm start (in ' + root + ')');

  // What opens a window has a cache of its own: nobody else reads its functions.
  var opens = /^(?:start|attach|move)$/.test(process.argv[2]);
  var cache = (opens && read(file + '.open.v8')) || read(file + '.v8');
  var Module = require('module');
  var vm = require('vm');
  var script = new vm.Script(
    '(function (exports, require, module, __filename, __dirname) {' + code.toString('utf8') + '\n})',
    { filename: file, cachedData: cache },
  );
  var bundle = new Module(file, module);
  bundle.filename = file;
  bundle.paths = module.paths;
  script
    .runInThisContext()
    .call(bundle.exports, bundle.exports, Module.createRequire(file), bundle, file, path.dirname(file));
  // The command line loads it too, and calls another part of it.
  if (isTray) bundle.exports.main(process);
}

main();
