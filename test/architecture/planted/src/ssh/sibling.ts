export type Sibling = string;
