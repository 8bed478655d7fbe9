import type { fromMarkdown } from "mdast-util-from-markdown";

/** The tree the parser makes (source: github.com/syntax-tree/mdast), named from the parser: its types have no module to import at run time. */
export type Root = ReturnType<typeof fromMarkdown>;
export type RootContent = Root["children"][number];
export type PhrasingContent = Extract<RootContent, { type: "paragraph" }>["children"][number];
export type List = Extract<RootContent, { type: "list" }>;
export type ListItem = List["children"][number];
export type Table = Extract<RootContent, { type: "table" }>;
export type Definition = Extract<RootContent, { type: "definition" }>;
