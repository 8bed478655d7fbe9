import { describe, expect, test } from "@jest/globals";
import { toAddressKind } from "./address.ts";
import { checkUrl } from "./check-url.ts";

const PUBLIC = { allowPrivateNetwork: false, portsAllowed: [] };
const LAN = { allowPrivateNetwork: true, portsAllowed: [] };

describe("an endpoint on the internet", () => {
	test.each([
		["https://api.example.com/v1"],
		["https://api.example.com:8443/v1"],
		["https://8.8.8.8/v1"],
		["https://[2606:4700::1111]/v1"],
		["https://API.Example.COM/"],
	])("%s is accepted", (text) => {
		expect(checkUrl(text, PUBLIC).kind).toBe("ok");
	});

	test.each([
		["http://169.254.169.254", "scheme"],
		["https://169.254.169.254/latest", "address"],
		["https://[::ffff:127.0.0.1]/", "address"],
		["https://[::127.0.0.1]/", "address"],
		["https://[::1]/", "address"],
		["https://[64:ff9b::7f00:1]/", "address"],
		["https://[64:ff9b:1::7f00:1]/", "address"],
		["https://[2002:7f00:1::]/", "address"],
		["https://[2001:0:7f00:1::]/", "address"],
		["https://[fe80::1]/", "address"],
		["https://[fc00::1]/", "address"],
		["https://[fec0::1]/", "address"],
		["https://[ff02::1]/", "address"],
		["https://[2001:db8::1]/", "address"],
		["https://[4000::1]/", "address"],
		["https://0x7f.1/", "address"],
		["https://0x7f000001/", "address"],
		["https://2130706433/", "address"],
		["https://017700000001/", "address"],
		["https://127.1/", "address"],
		["https://127。0。0。1/", "address"],
		["https://１２７.0.0.1/", "address"],
		["https://0.0.0.0/", "address"],
		["https://0.1.2.3/", "address"],
		["https://10.0.0.1/", "address"],
		["https://100.64.0.1/", "address"],
		["https://172.16.0.1/", "address"],
		["https://192.0.0.1/", "address"],
		["https://192.168.0.1/", "address"],
		["https://198.18.0.1/", "address"],
		["https://203.0.113.5/", "address"],
		["https://224.0.0.1/", "address"],
		["https://240.0.0.1/", "address"],
		["https://255.255.255.255/", "address"],
		["https://127.0.0.1./", "address"],
		["https://localhost/", "local-name"],
		["https://localhost./", "local-name"],
		["https://LOCALHOST/", "local-name"],
		["https://db.localhost/", "local-name"],
		["https://redis/", "local-name"],
		["https://printer.local/", "local-name"],
		["https://metadata.google.internal/", "local-name"],
		["https://nas.home.arpa/", "local-name"],
		["https://127.1:6379/", "port"],
		["https://api.example.com:22/", "port"],
		["https://api.example.com:6379/", "port"],
		["https://api.example.com:80/", "port"],
		["http://a@127.0.0.1/", "scheme"],
		["https://a@api.example.com/", "credentials"],
		["https://:secret@api.example.com/", "credentials"],
		["https://api.example.com@127.0.0.1/", "credentials"],
		["https://api.example.com/?x=http://127.0.0.1", "query"],
		["https://api.example.com/#@127.0.0.1", "query"],
		["http://api.example.com/", "scheme"],
		["file:///etc/passwd", "scheme"],
		["gopher://127.0.0.1:6379/_INFO", "scheme"],
		["data:text/plain,hi", "scheme"],
		["unix:/var/run/docker.sock", "scheme"],
		["ftp://api.example.com/", "scheme"],
		["javascript:alert(1)", "scheme"],
		["api.example.com", "not-a-url"],
		["https://", "not-a-url"],
		["https://exa mple.com/", "not-a-url"],
		["https://[::1/", "not-a-url"],
		["https://1.2.3.4.5/", "not-a-url"],
		["", "not-a-url"],
		[`https://api.example.com/${"a".repeat(2_000)}`, "too-long"],
	])("%s is refused", (text, why) => {
		expect(checkUrl(text, PUBLIC)).toEqual({ kind: "refused", why });
	});

	test("a port the operator opened is accepted", () => {
		const policy = { allowPrivateNetwork: false, portsAllowed: [9443] };
		expect(checkUrl("https://api.example.com:9443/", policy).kind).toBe("ok");
		expect(checkUrl("https://api.example.com:9444/", policy)).toEqual({ kind: "refused", why: "port" });
	});
});

describe("an endpoint an admin approved on the local network", () => {
	test.each([
		["http://127.0.0.1:11434/v1"],
		["http://192.168.1.20:8000/v1"],
		["http://[fd12:3456::1]:8000/v1"],
		["http://ollama:11434/v1"],
		["http://model.lan/v1"],
		["https://api.example.com/v1"],
	])("%s is accepted", (text) => {
		expect(checkUrl(text, LAN).kind).toBe("ok");
	});

	test.each([
		["http://169.254.169.254/", "address"],
		["http://[fd00:ec2::254]/", "address"],
		["http://100.100.100.200/", "address"],
		["http://[::ffff:169.254.169.254]/", "address"],
		["http://[fe80::1]/", "address"],
		["http://0.0.0.0:8000/", "address"],
		["http://224.0.0.1/", "address"],
		["http://user:pw@127.0.0.1/", "credentials"],
		["gopher://127.0.0.1/", "scheme"],
	])("%s is refused all the same", (text, why) => {
		expect(checkUrl(text, LAN)).toEqual({ kind: "refused", why });
	});
});

test("what is no address is no public address", () => {
	expect(toAddressKind("example.com")).toBe("refused");
	expect(toAddressKind("")).toBe("refused");
	expect(toAddressKind("::ffff:8.8.8.8")).toBe("refused");
});
