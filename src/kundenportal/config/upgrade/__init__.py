"""The portal's database, carried to the PostgreSQL and to the tables that this version works with."""
