/** What `hotdesk profiles new` writes: a whole profile that works, with a word about each part. */

const TEMPLATE = `# NAME: commands that run on, with their output in a file, shown by tail(1).
# Change this into a profile for your backend, part by part; \`hotdesk profiles check FILE\` says what is
# wrong with it. What may be said is in docs/profiles.md and profiles/schema.json.
schema: 1
name: NAME
title: NAME, commands with their output in a file
# What it starts: app, desktop, terminal, shadow (a display that is there), vm.
kinds: [terminal]
# No more and no less than what the sections below do.
can: [start, attach, share, stop, thumbnail]
# A second viewer that wants the session for itself: displaces the first, shares it, or is refused.
steals: shares

detect:
  host:
    # Looked up in PATH. \`one|other\`: any of them will do.
    programs: [tail, setsid]
    version:
      argv: [tail, --version]
      # Its group \`version\`.
      pattern: 'tail .*?(?<version>\\d+\\.\\d+)'
    # By the ID or ID_LIKE of os-release(5); \`any\` for the rest.
    install:
      debian: apt install coreutils util-linux
      any: install GNU coreutils and util-linux

# What \`-o name=value\` takes. Each is a value of every command below: {lines}.
options:
  lines:
    type: number
    min: 1
    max: 10000
    default: 100
    doc: How many lines of what it said before are shown.

# Exit codes of the scripts below, as error codes of docs/protocol.md. What they write to stderr is the message.
exits:
  90: application-missing
  91: application-exited
  93: start-failed
  94: session-gone

start:
  # Returns at once and says where the session will be. Values come as $1, $2, …: never put them into the text.
  launch:
    sh: |
      id=$1 name=$2 cwd=$3; shift 3
      [ $# -gt 0 ] || { echo "Say what to run." >&2; exit 93; }
      command -v -- "$1" >/dev/null || { printf '%s: there is no such program.\\n' "$1" >&2; exit 90; }
      if [ -n "$cwd" ]; then cd -- "$cwd" || exit 93; else cd; fi
      umask 077
      job=$HOME/.local/state/NAME/$id
      mkdir -p "$job" || exit 93
      printf '%s\\n' "$name" >"$job/name"
      # Everything of it is redirected, so that ssh returns.
      setsid "$@" >"$job/out" 2>&1 </dev/null &
      echo $! >"$job/pid"
      printf 'job:id=%s\\n' "$id"
    args: ['{startId}', '{name}', '{cwd}', '{...command}']
  # Only lines that begin so are ours: a login may print others.
  output: { format: key-values, marker: 'job:' }
  localId: '{id}'
  # Returns when the session can be used.
  ready:
    sh: |
      job=$HOME/.local/state/NAME/$1
      sleep 0.3
      # A zombie (Z) has ended, though its parent has not looked yet.
      grep -qs '^State:.[^Z]' "/proc/$(cat "$job/pid")/status" || { tail -n 5 "$job/out" >&2; exit 91; }
    args: ['{id}']
  # Leaves nothing of a start that failed or was stopped, nor of what is still on its way: its group is there
  # when setsid has begun.
  undo:
    sh: |
      job=$HOME/.local/state/NAME/$1
      pid=$(cat "$job/pid" 2>/dev/null)
      i=0
      while [ -n "$pid" ] && grep -qs '^State:.[^Z]' "/proc/$pid/status" && [ $i -lt 30 ]; do
        i=$((i + 1))
        if [ $i -gt 20 ]; then kill -KILL -- "-$pid"; else kill -- "-$pid"; fi 2>/dev/null
        sleep 0.1
      done
      rm -rf "$job"
    args: ['{startId}']
  timeout: 20

list:
  # One line a session, also of those that hotdesk did not start, if the backend knows such.
  command:
    sh: |
      for job in "$HOME"/.local/state/NAME/*/; do
        job=\${job%/} pid=$(cat "$job/pid" 2>/dev/null) || continue
        state=dead
        grep -qs '^State:.[^Z]' "/proc/$pid/status" && state=live
        printf 'job:%s\\t%s\\t%s\\t%s\\n' "\${job##*/}" "$pid" "$state" "$(cat "$job/name")"
      done
  output: { format: lines, marker: 'job:', separator: "\\t", fields: [id, pid, state, called] }
  session: { localId: '{id}', pid: '{pid}', state: '{state}', name: '{called}' }

watch:
  # Folders whose changes mean: list again.
  folders: ['~/.local/state/NAME']
  sockets: []
  # And list anyway, this often at most.
  everySeconds: 30

connect:
  # Fields of the listing can be named by every command from here on: the session is looked up first.
  prepare: { sh: 'exit 0', args: ['{pid}'] }
  output: { format: key-values, marker: 'job:' }
  # Or a unix socket: { kind: unix, path: '{path}' }, the path being in the output of prepare.
  endpoint:
    kind: pty
    argv: [sh, -c, 'exec tail -n "$1" -f "$HOME/.local/state/NAME/$2/out"', sh, '{lines}', '{localId}']

# Viewers by preference. A terminal emulator runs {...attach}, which is hotdesk itself.
view:
  - seats: [x11]
    program: xterm
    argv: [xterm, -T, '{name}', -e, '{...attach}']
    timeout: 30

# Returns when nothing of the session is left.
stop:
  sh: |
    kill -- "-$2" 2>/dev/null
    i=0
    while grep -qs '^State:.[^Z]' "/proc/$2/status" && [ $i -lt 30 ]; do i=$((i + 1)); sleep 0.1; done
    kill -KILL -- "-$2" 2>/dev/null
    rm -rf "$HOME/.local/state/NAME/$1"
  args: ['{localId}', '{pid}']

thumbnail:
  kind: text
  command:
    sh: 'tail -n 24 "$HOME/.local/state/NAME/$1/out"'
    args: ['{id}']
`;

/** The text of a profile of that name. */
export function profileTemplate(name: string): string {
  return TEMPLATE.replaceAll('NAME', name);
}
