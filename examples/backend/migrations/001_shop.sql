CREATE TABLE items (
  id bigint PRIMARY KEY,
  name text NOT NULL,
  category_id int NOT NULL,
  price_cents int NOT NULL
);
CREATE INDEX items_category_id_idx ON items (category_id);
CREATE TABLE orders (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  item_id bigint NOT NULL REFERENCES items,
  quantity int NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);
