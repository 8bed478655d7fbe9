import type { SenderAddress } from "../../accounts/account.ts";
import { quoteText } from "../../texts/format.ts";
import type { AccountOwner } from "../command.ts";

/** The sender who wrote for the account first stands for it. */
export function toOwner([first]: readonly SenderAddress[]): AccountOwner | undefined {
	return first && { platform: first.platform, name: first.displayName ?? first.userId };
}

/** As a person reads it; names are what somebody chose and never Markdown. */
export function toOwnerWords(owner: AccountOwner | undefined): string {
	return owner === undefined ? "?" : `${owner.platform}, ${quoteText(owner.name)}`;
}
