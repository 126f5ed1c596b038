"""A shop window: counts visits in Redis and keeps orders as rows in PostgreSQL."""
import os
import pathlib
import socket

import flask
import psycopg2
import redis

app = flask.Flask(__name__)
cache = redis.Redis(host=os.environ["REDIS_HOST"])


def database():
    return psycopg2.connect(
        host=os.environ["DB_HOST"],
        dbname=os.environ["DB_NAME"],
        user=os.environ["DB_USER"],
        password=pathlib.Path("/run/secrets/db_password").read_text().strip(),
    )


def prepare():
    with database() as connection, connection.cursor() as cursor:
        # Replicas start at the same time: the lock lets one of them make the table.
        cursor.execute("SELECT pg_advisory_xact_lock(1)")
        cursor.execute("CREATE TABLE IF NOT EXISTS orders (id serial PRIMARY KEY, item text NOT NULL)")


prepare()


@app.get("/health")
def health():
    cache.ping()
    return "ok\n"


@app.get("/")
def window():
    with database() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT id, item FROM orders ORDER BY id")
        orders = [{"id": row[0], "item": row[1]} for row in cursor.fetchall()]
    return flask.jsonify(visits=cache.incr("visits"), orders=orders, replica=socket.gethostname())


@app.post("/orders/<item>")
def order(item):
    with database() as connection, connection.cursor() as cursor:
        cursor.execute("INSERT INTO orders (item) VALUES (%s) RETURNING id", (item,))
        return flask.jsonify(id=cursor.fetchone()[0], item=item)
