import { spawn } from "node:child_process";
import { once } from "node:events";

const NFT_MS_MAX = 5_000;

/**
 * Rules for nftables under which containers of instances reach one port of this machine, our gateway's, and nothing else on it
 * or behind it; whoever is on this machine reaches them as before. Given again, they replace themselves in one step. They only
 * forbid: what the machine's other rules refuse stays refused.
 *
 * @param bridgePrefix of the installation's bridges; @see Names
 */
export function toFirewallRules(bridgePrefix: string, gatewayPort: number): string {
	if (!Number.isInteger(gatewayPort) || gatewayPort < 1 || gatewayPort > 65_535) {
		throw new TypeError(`no port: ${gatewayPort}`);
	}
	const ours = `"${bridgePrefix}*"`;
	const table = `inet rockpool_${bridgePrefix.replaceAll("-", "")}`;
	return `table ${table}
delete table ${table}
table ${table} {
	chain input {
		type filter hook input priority -10; policy accept;
		iifname ${ours} ct state established,related accept
		iifname ${ours} tcp dport ${gatewayPort} accept
		iifname ${ours} reject
	}
	chain forward {
		type filter hook forward priority -10; policy accept;
		iifname ${ours} reject
		oifname ${ours} reject
	}
}
`;
}

/** Puts the rules in force. Needs root and nft. @throws Error where they are not in force afterwards */
export async function applyFirewall(rules: string): Promise<void> {
	const child = spawn("nft", ["-f", "-"], {
		stdio: ["pipe", "ignore", "pipe"],
		signal: AbortSignal.timeout(NFT_MS_MAX),
		env: { PATH: process.env["PATH"] },
	});
	let said = "";
	child.stderr.setEncoding("utf8");
	child.stderr.on("data", (piece: string) => {
		said = (said + piece).slice(0, 1_000);
	});
	child.stdin.on("error", () => undefined);
	child.stdin.end(rules);
	const [code] = (await once(child, "exit")) as [number | null];
	if (code !== 0) throw new Error(`nft ended with ${code}: ${said}`);
}
