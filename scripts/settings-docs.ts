// npm run settings-docs: writes docs/settings.md from the settings' schema.
import { DEFAULTS, SETTING_KEYS, SETTING_TEXTS } from '../src/platform/settings-schema.ts';
import { writeOrCheck } from './lib/generated.ts';

const sections = SETTING_KEYS.map((key) => {
  const { doc, expects, example } = SETTING_TEXTS[key];
  const facts = `- Value: ${expects}\n- Default: \`${JSON.stringify(DEFAULTS[key])}\``;
  return [`## ${key}`, doc, facts, `\`\`\`sh\n${example}\n\`\`\``].join('\n\n');
});

const text = `<!-- Made by npm run settings-docs from src/platform/settings-schema.ts. -->
# Settings

\`hotdesk config list\` shows every setting, \`hotdesk config get KEY\` one, \`hotdesk config set KEY VALUE\` changes one, \`hotdesk config unset KEY\` puts it back to its default. The agent takes changes at once.

They are kept in \`config.json\` in \`$XDG_CONFIG_HOME/hotdesk\` (\`~/.config/hotdesk\`), readable by you alone, and hold only what you set. The file may be edited by hand. One that is broken when the agent starts is renamed to \`config.json.broken-TIME\`, its good values are kept, and \`hotdesk doctor\` says what was wrong as long as that file is there. Where the file does not say how much to advertise any more, nothing is advertised until you set it.

${sections.join('\n\n')}
`;

writeOrCheck('docs/settings.md', text, 'npm run settings-docs');
