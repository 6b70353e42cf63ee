/** What k3s has on each node: its certificates, images and containers (v1.36). */
export const K3S_AGENT = "/var/lib/rancher/k3s/agent";

/** The administrator's access to k3s, made by a server for itself. */
export const ADMIN_KUBECONFIG = "/etc/rancher/k3s/k3s.yaml";

/** Asks k3s as its administrator; on a server only. */
export const KUBECTL = ["/usr/local/bin/kubectl", `--kubeconfig=${ADMIN_KUBECONFIG}`] as const;
