import { K3S_AGENT } from "../../core/node/k3s-paths.ts";

/** k3s' own files, as v1.36 has them; {@link World.root} goes before each. */
export const SERVER = "/var/lib/rancher/k3s/server";
/** Its data: a server that has one of them has been one before (etcd's as pkg/etcd, IsInitialized, asks for it). */
export const DATA = [`${SERVER}/db/etcd/member/wal`, `${SERVER}/db/state.db`];
export const TLS = `${SERVER}/tls`;
/** The cluster's authority: laid before the first server begins, brought by the others where it joins. */
export const CA_CERT = `${TLS}/server-ca.crt`;
export const CA_KEY = `${TLS}/server-ca.key`;
export const MANIFESTS = `${SERVER}/manifests`;
/** How kubelet reaches the API; made by k3s once it has joined. */
export const KUBELET_CONFIG = `${K3S_AGENT}/kubelet.kubeconfig`;

/** Whom to join, where that is not the one of config.yaml. k3s reads it after config.yaml and before the site's. */
export const JOIN = "/etc/rancher/k3s/config.yaml.d/join.yaml";
/** Names of the manifests that the agent has written, one a line. */
export const OUR_MANIFESTS = "/var/lib/clusteros/k3s-manifests";
/** Nodes whose traces are still to be taken out of Kubernetes. */
export const DISMISSALS = "/var/lib/clusteros/k3s-dismissals.json";
