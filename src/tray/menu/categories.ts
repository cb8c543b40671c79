/** Headings for applications: the main categories of the Desktop Menu Specification, appendix A. Pure. */

/** The first that an application has decides; that is why Settings goes before System. */
const HEADINGS: readonly (readonly [category: string, heading: string])[] = [
  ['Game', 'Games'],
  ['Development', 'Development'],
  ['Education', 'Education'],
  ['Science', 'Science'],
  ['Office', 'Office'],
  ['Network', 'Internet'],
  ['Graphics', 'Graphics'],
  ['AudioVideo', 'Sound & video'],
  ['Audio', 'Sound & video'],
  ['Video', 'Sound & video'],
  ['Settings', 'Settings'],
  ['System', 'System'],
  ['Utility', 'Accessories'],
];

const OTHER = 'Other';

export function headingOf(categories: readonly string[]): string {
  return HEADINGS.find(([category]) => categories.includes(category))?.[1] ?? OTHER;
}

/** By name, what has no heading of its own last. */
export function compareHeadings(a: string, b: string): number {
  return Number(a === OTHER) - Number(b === OTHER) || (a < b ? -1 : a > b ? 1 : 0);
}
