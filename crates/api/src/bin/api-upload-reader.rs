//! The child that reads uploads in this room's tests, which cannot start themselves as one. It is not part of the product.

fn main() {
    app::files::read_one_if_asked();
}
