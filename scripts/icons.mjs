#!/usr/bin/env node
// Draws the tray's icons from src/tray/icons/*.svg: PNG in the sizes of an icon theme, .ico for Windows. Run it when
// a drawing has changed, and commit what it writes. Needs rsvg-convert (librsvg2-bin) and convert (imagemagick).
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const ICONS = path.join(path.dirname(path.dirname(fileURLToPath(import.meta.url))), 'src', 'tray', 'icons');
const STATES = ['idle', 'sessions', 'attention', 'offline'];
/** Sizes that hicolor's index.theme knows and panels use; 2x panels take the double. */
const SIZES = [16, 22, 24, 32, 48, 64];
const APP_SIZES = [48, 64, 128, 256];
const ICO_SIZES = [16, 32, 48];
const TONES = {
  dark: { LINE: '#f2f2f2', ACCENT: '#62a0ea', ALERT: '#ff7800' },
  light: { LINE: '#2e3436', ACCENT: '#1c71d8', ALERT: '#e66100' },
};

/** The folder of one size in the theme. */
function folderOf(size) {
  const folder = path.join(ICONS, 'hicolor', size, 'apps');
  mkdirSync(folder, { recursive: true });
  return folder;
}

function draw(svg, size, file) {
  execFileSync('rsvg-convert', ['--width', String(size), '--height', String(size), '--output', file], {
    input: svg,
  });
}

rmSync(path.join(ICONS, 'hicolor'), { recursive: true, force: true });
rmSync(path.join(ICONS, 'ico'), { recursive: true, force: true });
mkdirSync(path.join(ICONS, 'ico'));
const scratch = mkdtempSync(path.join(os.tmpdir(), 'hotdesk-icons-'));
for (const state of STATES) {
  for (const [tone, colours] of Object.entries(TONES)) {
    const drawing = readFileSync(path.join(ICONS, `${state}.svg`), 'utf8');
    const svg = Object.entries(colours).reduce(
      (text, [name, colour]) => text.replaceAll(name, colour),
      drawing,
    );
    const name = `hotdesk-${state}-${tone}`;
    writeFileSync(path.join(folderOf('scalable'), `${name}.svg`), svg);
    for (const size of SIZES) draw(svg, size, path.join(folderOf(`${size}x${size}`), `${name}.png`));
    const parts = ICO_SIZES.map((size) => path.join(scratch, `${name}-${size}.png`));
    for (const [index, size] of ICO_SIZES.entries()) draw(svg, size, parts[index]);
    execFileSync('convert', [...parts, path.join(ICONS, 'ico', `${name}.ico`)]);
  }
}
const app = readFileSync(path.join(ICONS, 'app.svg'), 'utf8');
writeFileSync(path.join(folderOf('scalable'), 'hotdesk.svg'), app);
for (const size of APP_SIZES) draw(app, size, path.join(folderOf(`${size}x${size}`), 'hotdesk.png'));
rmSync(scratch, { recursive: true });
