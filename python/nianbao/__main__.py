"""`python -m nianbao`, where the script of that name is not on the path."""

from nianbao.cli import main

if __name__ == "__main__":
    main(prog_name="nianbao")
