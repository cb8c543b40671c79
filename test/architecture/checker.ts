import { cruise, type ICruiseResult, type IForbiddenRuleType } from 'dependency-cruiser';
import { FENCES, LAYERS, type LayerRule, type PackageFence } from './rules.ts';

export interface Violation {
  readonly rule: string;
  readonly from: string;
  readonly to: string;
}

export interface LayerReport {
  /** Files of src/ that were read: 0 means that nothing was checked. */
  readonly modules: number;
  readonly imports: number;
  readonly violations: readonly Violation[];
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/]/gu, '\\$&');
/** Matches a folder, or a file or folder below one whose path starts so. */
const below = (part: string): string => (part.includes('/') ? escaped(part) : `${escaped(part)}\\/`);

function layerRules({ folder, may, lazily = [] }: LayerRule): IForbiddenRuleType[] {
  const from = { path: `^src/${escaped(folder)}/` };
  const always = [folder, ...may].map(below).join('|');
  const ever = [folder, ...may, ...lazily].map(below).join('|');
  const rules: IForbiddenRuleType[] = [
    { name: `layer-${folder}`, severity: 'error', from, to: { path: '^src/', pathNot: `^src/(${ever})` } },
  ];
  if (lazily.length > 0) {
    const to = { path: '^src/', pathNot: `^src/(${always})`, dynamic: false };
    rules.push({ name: `layer-${folder}-lazily`, severity: 'error', from, to });
  }
  return rules;
}

function fenceRules({ package: name, inside, lazily, linkedIn }: PackageFence): IForbiddenRuleType[] {
  const to = { path: `((^|/)node_modules/|^)${escaped(name)}(/|$)` };
  const allowed = `^src/(${inside.map(escaped).join('|')})`;
  const rules: IForbiddenRuleType[] = [
    { name: `fence-${name}`, severity: 'error', from: { path: '^src/', pathNot: allowed }, to },
  ];
  const rule = { name: `fence-${name}-lazily`, severity: 'error' as const };
  const values = { dependencyTypesNot: ['type-only' as const] };
  if (linkedIn !== undefined) {
    const folder = `^src/${escaped(linkedIn)}`;
    const from = { path: '^src/', pathNot: folder };
    rules.push({ ...rule, from, to: { ...to, ...values } });
    rules.push({ ...rule, from, to: { path: folder, ...values, dynamic: false } });
  } else if (lazily) {
    rules.push({ ...rule, from: { path: '^src/' }, to: { ...to, ...values, dynamic: false } });
  }
  return rules;
}

const known = LAYERS.map((layer) => escaped(layer.folder)).join('|');

const forbidden: IForbiddenRuleType[] = [
  // A dynamic import() may close a circle: what it loads is complete by then.
  {
    name: 'cycle',
    severity: 'error',
    from: { path: '^src/' },
    to: { circular: true, viaOnly: { dependencyTypesNot: ['dynamic-import'] } },
  },
  { name: 'unresolved', severity: 'error', from: { path: '^src/' }, to: { couldNotResolve: true } },
  { name: 'outside-src', severity: 'error', from: { path: '^src/' }, to: { path: '^(test|scripts|bench)/' } },
  {
    name: 'unknown-folder',
    severity: 'error',
    from: { path: '^src/', pathNot: `^src/(${known})/` },
    to: {},
  },
  ...LAYERS.flatMap(layerRules),
  ...FENCES.flatMap(fenceRules),
];

/** Holds the `src/` below `baseDir` against the rules. Types count: an import of a type is a dependency. */
export async function checkLayers(baseDir: string): Promise<LayerReport> {
  const { output } = await cruise(
    ['src'],
    {
      baseDir,
      validate: true,
      ruleSet: { forbidden },
      tsPreCompilationDeps: true,
      doNotFollow: { path: 'node_modules' },
    },
    {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
      extensions: ['.ts', '.tsx', '.js', '.mjs', '.cjs', '.d.ts'],
    },
  );
  const { modules, summary }: ICruiseResult = asResult(output);
  const ours = modules.filter((module) => module.source.startsWith('src/'));
  return {
    modules: ours.length,
    imports: ours.reduce((sum, module) => sum + module.dependencies.length, 0),
    violations: summary.violations.map(({ rule, from, to }) => ({ rule: rule.name, from, to })),
  };
}

function asResult(output: ICruiseResult | string): ICruiseResult {
  if (typeof output === 'string') throw new Error('dependency-cruiser answered with text');
  return output;
}
