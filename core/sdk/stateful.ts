/**
 * Programs that keep what nobody makes again: a restart of theirs is never a matter of course, whether somebody thought of
 * tagging them or not. Databases, queues that store, directories, and storage itself.
 */

const KNOWN = new Set(
  (
    "postgresql postgres mysql mysqld mariadb mariadbd percona mongod mongodb redis redis-server valkey valkey-server keydb-server " +
    "etcd consul vault zookeeper kafka rabbitmq-server rabbitmq nats-server pulsar artemis " +
    "elasticsearch opensearch solr meilisearch typesense qdrant weaviate milvus " +
    "cassandra scylla scylla-server clickhouse clickhouse-server influxdb influxd couchdb couchbase-server arangodb arangod neo4j " +
    "cockroach cockroachdb tikv-server foundationdb fdbserver rethinkdb firebird oracle-xe mssql-server sqlservr db2 " +
    "slapd dirsrv minio ceph-osd ceph-mon ceph-mds glusterd glusterfsd garage seaweedfs nfs-server nfsd ganesha"
  ).split(" "),
);

/**
 * Whether a unit or a program is one of them. Takes `postgresql@15-main.service`, `postgresql-15`, `redis-server@a.service`,
 * `/usr/lib/postgresql/15/bin/postgres`.
 */
export function isKnownStateful(name: string): boolean {
  const base = name
    .slice(name.lastIndexOf("/") + 1)
    .toLowerCase()
    .replace(/\.(service|socket)$/, "")
    .replace(/@.*$/, "");
  return KNOWN.has(base) || KNOWN.has(base.replace(/-?\d[\d.]*$/, ""));
}
