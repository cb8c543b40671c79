import type { Profile } from '../../src/model/profile.ts';
import { parseProfile } from '../../src/profiles/check.ts';

/** A profile of a backend that does not exist, with every section. */
export const SMALL = `
schema: 1
name: small
title: A small one
kinds: [app, terminal]
can: [start, attach, detach, move, share, readonly, stop, rename, thumbnail, exec-into]
steals: shares
detect:
  host:
    programs: [small, smallctl]
    version: { argv: [small, -V], pattern: 'small (?<version>[0-9.]+)' }
    install: { debian: apt install small, any: see small.example }
options:
  sound:
    type: boolean
    default: false
    doc: Sound.
    start: { on: [--sound], off: [--no-sound] }
    view: { on: [--sound] }
  size:
    type: number
    min: 1
    max: 10
    default: 5
    doc: Size.
    view: { set: ['--size={value}'] }
  depth:
    type: choice
    choices: [8, 24]
    default: 24
    doc: Depth.
  note:
    type: text
    pattern: '[a-z]*'
    default: ''
    doc: A note.
exits: { 90: application-missing, 91: application-exited, 92: display-taken }
start:
  launch: { argv: [smallctl, launch, '{startId}', '{name}', '{...command}', '{...options}'] }
  ready: { argv: [smallctl, wait, '{place}', '{...command}'] }
  undo: { argv: [smallctl, undo, '{startId}'] }
  output: { format: key-values, marker: '@' }
  localId: '{place}'
  retry: { on: display-taken, times: 3 }
  timeout: 5
list:
  command: { argv: [smallctl, list] }
  output: { format: lines, marker: '@', separator: '|', fields: [id, state, clients, name] }
  session: { localId: '{id}', state: '{state}', name: '{name}' }
info:
  command: { argv: [smallctl, info, '{id}'] }
  output: { format: key-values }
  key: '{id} {clients}'
  settled: ['{clients}', '{now}']
  session:
    title: '{title}'
    windows: '{windows}'
    kind: { value: '{type}', map: { term: terminal }, else: app }
  watchers: { keys: '^(client\\d+)\\.(tag|host)$', tag: '{tag}', host: '{host}' }
  facts: { type: '{type}', nothing: '{absent}' }
watch: { folders: ['~/.small'], sockets: ['/small-\\d+$'], everySeconds: 10 }
connect:
  prepare: { argv: [smallctl, open, '{localId}', '{mode}'] }
  output: { format: key-values, marker: '@' }
  endpoint: { kind: unix, path: '{path}' }
view:
  - seats: [wayland]
    program: waysmall
    argv: [waysmall]
    ready: shown
    timeout: 3
  - seats: [x11, wayland]
    program: smallview
    argv: [smallview, '{path}', { when: mode=readonly, args: [--ro] }, { when: '!sound', args: [--mute] }, '{...options}']
    env: { SMALL_TAG: '{tag}' }
    ready: '^shown'
    timeout: 3
detach: { argv: [smallctl, detach, '{localId}'] }
stop: { argv: [smallctl, stop, '{localId}'] }
rename: { argv: [smallctl, rename, '{id}', '{newName}'] }
thumbnail: { kind: png, command: { argv: [smallctl, shot, '{localId}'] } }
exec-into: { sh: 'smallctl run "$@"', args: ['{localId}', '{...command}'] }
`;

export function smallProfile(change: (text: string) => string = (text) => text): Profile {
  return parseProfile(change(SMALL), 'small.yaml');
}
